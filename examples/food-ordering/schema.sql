-- The food-ordering example: tables, rights and the two things a customer may do (log in, place an order).
--
-- In:  a database with gqlsvl and pgcrypto; psql variable jwt_key: the key of gqlsvl.jwt_secret (HS256), kept in a private table.
-- Out: everything the page and the four functions see, and nothing else: rights are GRANTs by column and row level security.
-- Always: an order moves forward only, one step at a time, and each step is done once (table step); an agent has one order under way.
-- Try it: scripts/demo. The triggers that call the functions are in triggers.sql, sample rows in data.sql.

-- Roles. None can log in; gqlsvl becomes one of them for each request.
--   anonymous   has no token: reads the menu, logs in
--   customer    has the token of a login: his own orders
--   fulfilment  has the token of the functions: every order, step by step
--   order_desk  owns place_order(): what a customer may cause without having the right himself
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['anonymous', 'customer', 'fulfilment', 'order_desk'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
  END LOOP;
END $$;
GRANT anonymous, customer, fulfilment TO gqlsvl_authenticator;
GRANT USAGE ON SCHEMA public TO anonymous, customer, fulfilment, order_desk;

-- Not in gqlsvl.schemas, so never in the API: passwords and the key.
CREATE SCHEMA private;
REVOKE ALL ON SCHEMA private FROM PUBLIC;
CREATE TABLE private.signing_key (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), key text NOT NULL);
INSERT INTO private.signing_key (key) VALUES (:'jwt_key');

------------------------------------------------------------------------------------------------------------------------------- tables

CREATE TABLE users (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);
CREATE TABLE private.password (user_id integer PRIMARY KEY REFERENCES users, hash text NOT NULL);

CREATE TABLE restaurants (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  cuisine text NOT NULL,
  is_open boolean NOT NULL DEFAULT true,
  x_km double precision NOT NULL,
  y_km double precision NOT NULL
);

CREATE TABLE menu_items (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  restaurant_id integer NOT NULL REFERENCES restaurants,
  name text NOT NULL,
  price numeric(8, 2) NOT NULL CHECK (price >= 0),
  stock integer NOT NULL CONSTRAINT in_stock CHECK (stock >= 0)
);
CREATE INDEX ON menu_items (restaurant_id);

CREATE TABLE agents (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  x_km double precision NOT NULL,
  y_km double precision NOT NULL
);

CREATE TABLE orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now(),
  user_id integer NOT NULL REFERENCES users,
  restaurant_id integer NOT NULL REFERENCES restaurants,
  card text NOT NULL CHECK (card ~ '^[0-9]{4}$'),       -- last four digits; 0002 is declined, as with the usual test cards
  total numeric(8, 2),                                  -- set by validate from the menu's prices, never by a client
  is_validated boolean NOT NULL DEFAULT false,
  is_paid boolean NOT NULL DEFAULT false,
  is_approved boolean NOT NULL DEFAULT false,
  is_agent_assigned boolean NOT NULL DEFAULT false,
  is_delivered boolean NOT NULL DEFAULT false,          -- the customer says so; frees the agent
  agent_id integer REFERENCES agents,
  decline_reason text,                                  -- set: the order is over
  CONSTRAINT steps_in_order CHECK (is_validated >= is_paid AND is_paid >= is_approved AND is_approved >= is_agent_assigned
                                   AND is_agent_assigned >= is_delivered),
  CONSTRAINT validated_with_total CHECK (NOT is_validated OR total IS NOT NULL),
  CONSTRAINT assigned_with_agent CHECK (is_agent_assigned = (agent_id IS NOT NULL))
);
CREATE INDEX ON orders (user_id, created_at);
-- Never two orders at once: two functions that choose the same agent at the same time cannot both commit.
CREATE UNIQUE INDEX one_order_per_agent ON orders (agent_id) WHERE NOT is_delivered;

CREATE TABLE order_items (
  order_id uuid NOT NULL REFERENCES orders,
  menu_item_id integer NOT NULL REFERENCES menu_items,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 50),
  PRIMARY KEY (order_id, menu_item_id)
);

CREATE TABLE payments (
  order_id uuid PRIMARY KEY REFERENCES orders,
  amount numeric(8, 2) NOT NULL,
  card text NOT NULL,
  status text NOT NULL CHECK (status IN ('accepted', 'declined')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What each function did, once: events are delivered at least once, so a function inserts its step first in the same mutation as its
-- work. The second delivery violates the key, and the whole mutation is rolled back.
CREATE TABLE step (
  order_id uuid NOT NULL REFERENCES orders,
  name text NOT NULL CHECK (name IN ('validate', 'payment', 'approval', 'agent')),
  event_id uuid NOT NULL,
  done_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT step_done_once PRIMARY KEY (order_id, name)
);

------------------------------------------------------------------------------------------------------------------- who sees which rows

CREATE FUNCTION current_user_id() RETURNS integer LANGUAGE sql STABLE
RETURN nullif(gqlsvl.claim('x-hasura-user-id'), '')::integer;
COMMENT ON FUNCTION current_user_id() IS 'The customer of the request, from his token; null without one.';

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE step ENABLE ROW LEVEL SECURITY;

-- A customer: himself, his orders and what belongs to them.
GRANT SELECT ON restaurants, menu_items TO anonymous, customer;
GRANT SELECT ON users, orders, order_items TO customer;
GRANT SELECT (id, name) ON agents TO customer;
GRANT UPDATE (is_delivered) ON orders TO customer;
CREATE POLICY himself ON users FOR SELECT TO customer USING (id = current_user_id());
CREATE POLICY his_own ON orders FOR SELECT TO customer USING (user_id = current_user_id());
CREATE POLICY his_own_received ON orders FOR UPDATE TO customer
  USING (user_id = current_user_id() AND is_agent_assigned) WITH CHECK (user_id = current_user_id() AND is_delivered);
CREATE POLICY of_his_orders ON order_items FOR SELECT TO customer USING (EXISTS (SELECT FROM orders WHERE orders.id = order_id));
CREATE POLICY of_his_orders ON agents FOR SELECT TO customer USING (EXISTS (SELECT FROM orders WHERE orders.agent_id = agents.id));

-- The functions: every order, but only the columns that their steps write.
GRANT SELECT ON orders, order_items, menu_items, restaurants, agents, payments, step TO fulfilment;
GRANT UPDATE (total, is_validated, is_paid, is_approved, is_agent_assigned, agent_id, decline_reason) ON orders TO fulfilment;
GRANT UPDATE (stock) ON menu_items TO fulfilment;
GRANT INSERT (order_id, amount, card, status) ON payments TO fulfilment;
GRANT INSERT (order_id, name, event_id) ON step TO fulfilment;
CREATE POLICY all_rows ON orders TO fulfilment USING (true);
CREATE POLICY all_rows ON order_items TO fulfilment USING (true);
CREATE POLICY all_rows ON agents TO fulfilment USING (true);
CREATE POLICY all_rows ON payments TO fulfilment USING (true);
CREATE POLICY all_rows ON step TO fulfilment USING (true);

--------------------------------------------------------------------------------------------------------------------------------- log in

-- mutation { insert_login_one(object: {name: "ana", password: "..."}) { token } }
CREATE VIEW login AS SELECT NULL::text AS name, NULL::text AS password, NULL::text AS token WHERE false;
COMMENT ON VIEW login IS 'Insert name and password, get a token for one hour. Holds no rows.';

CREATE FUNCTION private.base64url(data bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT
RETURN rtrim(translate(encode(data, 'base64'), E'+/\n', '-_'), '=');

CREATE FUNCTION private.sign_token(claims json) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT signed || '.' || private.base64url(public.hmac(signed, key, 'sha256'))
  FROM private.signing_key,
       LATERAL (SELECT private.base64url(convert_to('{"alg":"HS256","typ":"JWT"}', 'UTF8')) || '.'
                       || private.base64url(convert_to(claims::text, 'UTF8')) AS signed) AS unsigned;
END;

CREATE FUNCTION private.log_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE user_id integer;
BEGIN
  SELECT users.id INTO user_id FROM public.users JOIN private.password ON password.user_id = users.id
  WHERE users.name = NEW.name AND password.hash = public.crypt(NEW.password, password.hash);
  IF user_id IS NULL THEN
    RAISE EXCEPTION 'name or password is wrong' USING HINT = 'The example''s customers are in data.sql.';
  END IF;
  NEW.password := NULL;
  NEW.token := private.sign_token(json_build_object(
    'sub', user_id::text, 'exp', extract(epoch FROM now() + interval '1 hour')::bigint,
    'https://hasura.io/jwt/claims', json_build_object('x-hasura-default-role', 'customer',
      'x-hasura-allowed-roles', json_build_array('customer'), 'x-hasura-user-id', user_id::text)));
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION private.log_in(), private.sign_token(json) FROM PUBLIC;
CREATE TRIGGER log_in INSTEAD OF INSERT ON login FOR EACH ROW EXECUTE FUNCTION private.log_in();
GRANT INSERT (name, password), SELECT (name, token) ON login TO anonymous;

------------------------------------------------------------------------------------------------------------------------ place an order

-- mutation { insert_place_order_one(object: {restaurant_id: 1, card: "4242", items: [{menu_item_id: 1, quantity: 2}]}) { order_id } }
-- One mutation, one transaction: the order with its items, and the event for validate.
CREATE VIEW place_order AS
  SELECT NULL::integer AS restaurant_id, NULL::text AS card, NULL::jsonb AS items, NULL::uuid AS order_id WHERE false;
COMMENT ON VIEW place_order IS 'Insert restaurant_id, card and items [{menu_item_id, quantity}], get order_id. Holds no rows.';

-- The order desk may insert orders for the customer of the request only: the policy holds inside its function too.
GRANT SELECT (id, restaurant_id) ON menu_items TO order_desk;
GRANT SELECT (id), INSERT (user_id, restaurant_id, card) ON orders TO order_desk;
GRANT INSERT ON order_items TO order_desk;
CREATE POLICY for_the_customer ON orders FOR INSERT TO order_desk WITH CHECK (user_id = current_user_id());
CREATE POLICY of_the_order ON orders FOR SELECT TO order_desk USING (user_id = current_user_id());
CREATE POLICY of_the_order ON order_items FOR INSERT TO order_desk WITH CHECK (true);

CREATE FUNCTION private.place_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.items IS NULL OR jsonb_typeof(NEW.items) <> 'array' OR jsonb_array_length(NEW.items) = 0 THEN
    RAISE EXCEPTION 'an order needs at least one item' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'items is a list: [{"menu_item_id": 1, "quantity": 2}].';
  END IF;
  INSERT INTO public.orders (user_id, restaurant_id, card)
  VALUES (public.current_user_id(), NEW.restaurant_id, NEW.card) RETURNING id INTO NEW.order_id;
  INSERT INTO public.order_items (order_id, menu_item_id, quantity)
  SELECT NEW.order_id, item.menu_item_id, item.quantity FROM jsonb_to_recordset(NEW.items) AS item(menu_item_id integer, quantity integer);
  IF EXISTS (SELECT FROM jsonb_to_recordset(NEW.items) AS item(menu_item_id integer)
             JOIN public.menu_items ON menu_items.id = item.menu_item_id WHERE menu_items.restaurant_id <> NEW.restaurant_id) THEN
    RAISE EXCEPTION 'an order is for one restaurant' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = format('An item is not on the menu of restaurant %s.', NEW.restaurant_id);
  END IF;
  RETURN NEW;
END $$;
GRANT USAGE, CREATE ON SCHEMA private TO order_desk;
ALTER FUNCTION private.place_order() OWNER TO order_desk;
REVOKE CREATE ON SCHEMA private FROM order_desk;
REVOKE ALL ON FUNCTION private.place_order() FROM PUBLIC;
CREATE TRIGGER place_order INSTEAD OF INSERT ON place_order FOR EACH ROW EXECUTE FUNCTION private.place_order();
GRANT INSERT (restaurant_id, card, items), SELECT (order_id) ON place_order TO customer;
