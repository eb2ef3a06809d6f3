    static Map<String, List<Integer>> positionsOf(List<String> words) {
        Map<String, List<Integer>> positions = new TreeMap<>();
        for (int place = 0; place < words.size(); place++) {
            String word = words.get(place).strip().toLowerCase(Locale.ROOT);
            if (word.isEmpty()) {
                continue;
            }
            positions.computeIfAbsent(word, unused -> new ArrayList<>()).add(place);
        }
        positions.values().removeIf(found -> found.size() < 2);
        return Collections.unmodifiableMap(positions);
    }
