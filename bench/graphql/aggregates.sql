SELECT json_build_object('data', json_build_object('customer', (
  SELECT json_agg(json_build_object('customer_id', c.customer_id, 'invoice_aggregate', json_build_object('aggregate',
    json_build_object('count', coalesce(i.n, 0), 'sum', json_build_object('total', i.total)))) ORDER BY c.customer_id)
  FROM customer c LEFT JOIN (SELECT customer_id, count(*) AS n, sum(total) AS total FROM invoice WHERE {invoice} GROUP BY customer_id) i USING (customer_id) WHERE {c})))
