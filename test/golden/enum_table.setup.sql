CREATE TABLE shop_state (value text PRIMARY KEY, comment text);
INSERT INTO shop_state VALUES ('open', 'sells'), ('closed', NULL);
CREATE TABLE shop (id int PRIMARY KEY, state text NOT NULL REFERENCES shop_state);
INSERT INTO shop VALUES (1, 'open'), (2, 'closed'), (3, 'open');
SELECT gqlsvl.set_enum_table('shop_state');
