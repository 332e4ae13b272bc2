-- Sample rows: three restaurants of a small town, its delivery agents, eight customers whose password is their name.

INSERT INTO restaurants (name, cuisine, x_km, y_km) VALUES
  ('Trattoria Lina', 'Italian', 1.2, 0.8), ('Sakura', 'Japanese', 3.4, 2.1), ('Masala House', 'Indian', 0.6, 3.7);

INSERT INTO menu_items (restaurant_id, name, price, stock) VALUES
  (1, 'Pizza Margherita', 9.50, 100000), (1, 'Tagliatelle al ragù', 12.80, 100000), (1, 'Insalata mista', 6.20, 100000),
  (1, 'Tiramisù', 5.40, 100000),
  (2, 'Salmon nigiri', 8.90, 100000), (2, 'Tonkotsu ramen', 13.50, 100000), (2, 'Edamame', 4.60, 100000), (2, 'Mochi', 4.20, 100000),
  (3, 'Chana masala', 10.40, 100000), (3, 'Lamb biryani', 14.20, 100000), (3, 'Garlic naan', 3.10, 100000),
  (3, 'Last mango lassi', 3.80, 1);

-- Twenty agents on a grid of 4 by 4 km.
INSERT INTO agents (name, x_km, y_km)
SELECT name, (place - 1) % 5, (place - 1) / 5
FROM unnest(ARRAY['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gia', 'Hugo', 'Iris', 'Jon',
                  'Kaya', 'Leo', 'Mia', 'Nils', 'Olga', 'Pia', 'Quin', 'Rosa', 'Sam', 'Tess']) WITH ORDINALITY AS agent(name, place);

WITH customer AS (
  INSERT INTO users (name) SELECT unnest(ARRAY['ana', 'bruno', 'carla', 'david', 'elena', 'felix', 'greta', 'henry']) RETURNING id, name
)
INSERT INTO private.password (user_id, hash) SELECT id, public.crypt(name, public.gen_salt('bf', 6)) FROM customer;
