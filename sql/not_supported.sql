-- What the design has and this version does not is refused by name, with SQLSTATE 0A000.
\set VERBOSITY sqlstate
SELECT gqlsvl.explain('{ __typename }', "analyze" => true);
\set VERBOSITY terse
SELECT gqlsvl.explain('{ __typename }', "analyze" => true);
