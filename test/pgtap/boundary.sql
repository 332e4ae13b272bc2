-- An error keeps SQLSTATE, detail and hint on its way out of C++ and through it, and no C++ destructor is skipped.
BEGIN;
SELECT plan(14);
CREATE FUNCTION boundary_living() RETURNS int LANGUAGE c AS '$libdir/gqlsvl_boundary_test', 'gqlsvl_test_living';
CREATE FUNCTION boundary_throw(kind int) RETURNS void LANGUAGE c AS '$libdir/gqlsvl_boundary_test', 'gqlsvl_test_throw';
CREATE FUNCTION boundary_execute(sql text) RETURNS void LANGUAGE c AS '$libdir/gqlsvl_boundary_test', 'gqlsvl_test_execute';
CREATE FUNCTION boundary_catch(sql text) RETURNS text LANGUAGE c AS '$libdir/gqlsvl_boundary_test', 'gqlsvl_test_catch';

-- What a client would see of an error: state|message|detail|hint.
CREATE FUNCTION seen(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
  EXECUTE sql;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws('|', state, message, detail, hint);
END $$;
CREATE FUNCTION refuse() RETURNS void LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'from SQL' USING ERRCODE = 'QX123', DETAIL = 'its detail', HINT = 'its hint'; END$$;

SELECT is(seen('SELECT boundary_throw(0)'), '22023|the message|the detail|the hint', 'a gqlsvl::Error arrives whole');
SELECT is(seen('SELECT boundary_throw(1)'), '53200|out of memory||', 'bad_alloc is Postgres''s out of memory');
SELECT is(seen('SELECT boundary_throw(2)'), 'XX000|gqlsvl: a standard exception||', 'a standard exception is an internal error');
SELECT is(seen('SELECT boundary_throw(3)'), 'XX000|gqlsvl: unknown C++ exception||', 'anything thrown is an internal error');
SELECT is(seen('SELECT boundary_execute(''SELECT refuse()'')'), 'QX123|from SQL|its detail|its hint', 'an ERROR passes through C++ whole');
SELECT is(seen('SELECT boundary_execute(''SELECT 1/0'')'), '22012|division by zero||', 'an ERROR of the server itself too');
SELECT is(boundary_catch('SELECT refuse()'), 'QX123|from SQL|its detail|its hint', 'an ERROR caught in C++ has its parts');
SELECT is(boundary_catch('SELECT 1'), 'no error', 'no error, no exception');

CREATE TABLE kept (i int);
SELECT is(boundary_catch('WITH w AS (INSERT INTO kept VALUES (1) RETURNING 1/0) SELECT * FROM w'), '22012|division by zero||', 'a caught ERROR behind a subtransaction');
SELECT is((SELECT count(*) FROM kept), 0::bigint, '... leaves nothing of it behind');
SELECT is(seen('SELECT boundary_execute(''INSERT INTO kept VALUES (1)'')'), 'no error', 'the transaction goes on afterwards');

SELECT is((SELECT count(*) FROM generate_series(1, 2000) WHERE seen('SELECT boundary_execute(''SELECT 1/0'')') LIKE '22012%'), 2000::bigint, '2,000 errors in a row');
SELECT is(boundary_living(), 0, 'every C++ object was destroyed');

-- The context of an error that passed through C++ names each function once.
CREATE FUNCTION context_of(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE context text;
BEGIN EXECUTE sql; RETURN ''; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT; RETURN context; END $$;
SELECT is((SELECT count(*) FROM regexp_matches(context_of('SELECT boundary_execute(''SELECT refuse()'')'), 'function context_of', 'g')), 1::bigint, 'no line of the context stands twice');
SELECT * FROM finish();
ROLLBACK;
