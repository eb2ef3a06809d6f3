// Copyright 2011 Kim Exemplar
// SPDX-License-Identifier: LGPL-2.1-or-later

template <typename Key, typename Value>
class RecentlyUsed {
public:
    explicit RecentlyUsed(std::size_t most) : most_(most) {}
    const Value *find(const Key &key) {
        auto place = places_.find(key);
        if (place == places_.end())
            return nullptr;
        order_.splice(order_.begin(), order_, place->second);
        return &place->second->second;
    }
    void put(const Key &key, Value value) {
        order_.emplace_front(key, std::move(value));
        places_[key] = order_.begin();
        if (places_.size() > most_) {
            places_.erase(order_.back().first);
            order_.pop_back();
        }
    }
};
