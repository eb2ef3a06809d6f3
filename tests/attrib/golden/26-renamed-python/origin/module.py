def simplify_path(points, tolerance):
    if len(points) < 3:
        return list(points)
    first, last = points[0], points[-1]
    span = math.hypot(last[0] - first[0], last[1] - first[1])
    farthest, distance = 0, 0.0
    for place in range(1, len(points) - 1):
        point = points[place]
        if span == 0:
            apart = math.hypot(point[0] - first[0], point[1] - first[1])
        else:
            area = (last[0] - first[0]) * (first[1] - point[1]) - (first[0] - point[0]) * (last[1] - first[1])
            apart = abs(area) / span
        if apart > distance:
            farthest, distance = place, apart
    if distance <= tolerance:
        return [first, last]
    before = simplify_path(points[: farthest + 1], tolerance)
    behind = simplify_path(points[farthest:], tolerance)
    return before[:-1] + behind
