-- Secrets by name, for settings that say secret:NAME. A dump carries names and owners, never values.
CREATE TABLE gqlsvl.secret (
  name text PRIMARY KEY,
  owner regrole NOT NULL,          -- only he and superusers may set it again or drop it
  changed_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
CREATE TABLE gqlsvl.secret_value (
  name text PRIMARY KEY REFERENCES gqlsvl.secret ON DELETE CASCADE,
  value text NOT NULL
);
ALTER TABLE gqlsvl.secret_value ALTER COLUMN value SET STATISTICS 0;   -- nor does pg_statistic keep samples
REVOKE ALL ON gqlsvl.secret, gqlsvl.secret_value FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('gqlsvl.secret', '');

CREATE FUNCTION gqlsvl.set_secret(name text, value text) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_set_secret';
COMMENT ON FUNCTION gqlsvl.set_secret(text, text) IS
$$Stores a secret under a name, or a new value for it. Settings use it as secret:NAME, from the next SELECT pg_reload_conf() on; for them it must be set by a superuser.
name: 1 to 100 letters, digits, "_", ".", "-". value: 1 to 65536 bytes. Only superusers can read it back; pg_dump leaves the value out.
The statement itself may be logged, as any other: send the value as a parameter with log_parameter_max_length = 0, or let the server read it from a file as below.
Needs membership in gqlsvl_event_admin. Errors: 22023 a bad name or value; 42501 not allowed, or the secret of another role.
Example: SELECT gqlsvl.set_secret('jwt', pg_catalog.rtrim(pg_catalog.pg_read_file('/etc/shop/jwt.json'), E'\n'));$$;

CREATE FUNCTION gqlsvl.drop_secret(name text) RETURNS void LANGUAGE c STRICT VOLATILE AS 'MODULE_PATHNAME', 'gqlsvl_drop_secret';
COMMENT ON FUNCTION gqlsvl.drop_secret(text) IS
$$Removes a secret. What uses it by name fails from then on and says so. Needs membership in gqlsvl_event_admin and the secret's ownership.
Errors: 42704 no such secret; 42501 not allowed. Example: SELECT gqlsvl.drop_secret('jwt');$$;
