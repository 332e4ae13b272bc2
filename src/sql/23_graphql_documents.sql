-- Documents that clients send by id or hash, and those that gqlsvl.allow_list lets run.
CREATE FUNCTION gqlsvl.document_hash(query text) RETURNS text LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'gqlsvl_document_hash';
COMMENT ON FUNCTION gqlsvl.document_hash(text) IS
$$The SHA-256 of a text as 64 hexadecimal digits: what clients send as sha256Hash for it. Example: SELECT gqlsvl.document_hash('{ orders { id } }');$$;
CREATE FUNCTION gqlsvl.normal_document(query text) RETURNS text LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'gqlsvl_normal_document';
COMMENT ON FUNCTION gqlsvl.normal_document(text) IS
$$A GraphQL document without what the allow list passes over: white space, commas, comments, descriptions, __typename, the order of the fields of input objects.
Errors: 22023 it is no executable document. Example: SELECT gqlsvl.normal_document('{ orders { id } }') = gqlsvl.normal_document('{orders{id __typename}}');$$;

-- The columns up to roles, and the names of the indexes, are known to src/graphql/execute/documents.cpp.
CREATE TABLE gqlsvl.document (
  hash text COLLATE "C" GENERATED ALWAYS AS (gqlsvl.document_hash(query)) STORED PRIMARY KEY,
  normal text COLLATE "C" NOT NULL GENERATED ALWAYS AS (gqlsvl.document_hash(gqlsvl.normal_document(query))) STORED,
  id text COLLATE "C" UNIQUE CHECK (id OPERATOR(pg_catalog.!~) '^(sha256:|$)'),
  query text NOT NULL,
  roles text[],
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
CREATE INDEX document_normal ON gqlsvl.document (normal);
REVOKE ALL ON gqlsvl.document FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('gqlsvl.document', '');
COMMENT ON TABLE gqlsvl.document IS
$$GraphQL documents of the applications, one a row: INSERT INTO gqlsvl.document (query, id, roles). Clients may send {"documentId": "ID"}, {"documentId": "sha256:HASH"} or Apollo's
{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "HASH"}}} in place of the query. With gqlsvl.allow_list on, no other document runs. roles: whom it is for; NULL: all.
Nobody but superusers may write it unless granted. At the next request; of the port only: gqlsvl.resolve is not limited.$$;
