# Copyright 2008 Quy Example
weighted_quantile <- function(values, weights, probability) {
  order <- order(values)
  values <- values[order]
  weights <- weights[order] / sum(weights)
  reached <- cumsum(weights) - weights / 2
  if (probability <= reached[1]) {
    return(values[1])
  }
  below <- max(which(reached <= probability))
  above <- min(below + 1, length(values))
  share <- (probability - reached[below]) / max(reached[above] - reached[below], 1e-12)
  values[below] + share * (values[above] - values[below])
}
