// What the database runs while nobody does anything: nothing, also with subscriptions open.
//
// In:  a connection of the driver's own. Out: the statements counted by pg_stat_statements in 5 s, its own left out; [] is right.
const IDLE_MS = 5_000;
const OWN = 'gqlsvl demo: counting';

const CALLS = `/* ${OWN} */ SELECT query, calls::int FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'`;

const callsNow = async (database) => (await database.query(CALLS)).rows.reduce((sum, row) => sum + row.calls, 0);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function idleStatements(database, until) {
  // The last events' results may still be being recorded: wait until one second passes without a statement.
  let before = await callsNow(database);
  await until('the database comes to rest', async () => {
    await pause(1_000);
    const now = await callsNow(database);
    const atRest = now === before;
    before = now;
    return atRest;
  }, 60_000);
  await database.query(`SELECT pg_stat_statements_reset()`);
  await pause(IDLE_MS);
  return (await database.query(CALLS)).rows.map((row) => `${row.calls} x ${row.query.slice(0, 160)}`);
}
