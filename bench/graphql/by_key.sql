SELECT json_build_object('data', json_build_object('track_by_pk',
  (SELECT json_build_object('track_id', track_id, 'name', name, 'composer', composer, 'milliseconds', milliseconds, 'unit_price', unit_price)
   FROM track t WHERE track_id = :id AND {t})))
