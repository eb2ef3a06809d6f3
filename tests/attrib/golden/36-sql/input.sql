WITH ranked AS (
    SELECT customer_id, order_id, placed_at,
           ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY placed_at DESC) AS position,
           SUM(total) OVER (PARTITION BY customer_id) AS lifetime
    FROM orders
    WHERE cancelled_at IS NULL
)
SELECT customers.name, ranked.order_id, ranked.placed_at, ranked.lifetime
FROM ranked
JOIN customers ON customers.id = ranked.customer_id
WHERE ranked.position <= 3 AND ranked.lifetime > 1000
ORDER BY ranked.lifetime DESC, ranked.placed_at;
