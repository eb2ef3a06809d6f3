function debounceByKey(action, wait) {
  const timers = new Map();
  return function debounced(key, ...values) {
    if (timers.has(key)) {
      clearTimeout(timers.get(key));
    }
    const timer = setTimeout(() => {
      timers.delete(key);
      action(key, ...values);
    }, wait);
    timers.set(key, timer);
    return timers.size;
  };
}
