open Tree

let rec insert_balanced compare key value tree =
  match tree with
  | Leaf -> Node (Leaf, key, value, Leaf, 1)
  | Node (left, other, old, right, height) ->
    let order = compare key other in
    if order = 0 then Node (left, key, value, right, height)
    else if order < 0 then
      rebalance (insert_balanced compare key value left) other old right
    else
      rebalance left other old (insert_balanced compare key value right)
