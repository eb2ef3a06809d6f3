package api

import (
	"math"
	"time"
)

func (limiter *Limiter) Allow(now time.Time, cost float64) bool {
	limiter.mutex.Lock()
	defer limiter.mutex.Unlock()
	elapsed := now.Sub(limiter.last).Seconds()
	limiter.tokens = math.Min(limiter.burst, limiter.tokens+elapsed*limiter.rate)
	limiter.last = now
	if limiter.tokens < cost {
		limiter.refused++
		return false
	}
	limiter.tokens -= cost
	return true
}
