// The functions' way to the database: GraphQL on its own port, with the token of the role fulfilment.
//
// In:  GRAPHQL_URL, SERVICE_TOKEN (environment of the function).
// Out: request() gives data or throws GraphQLError; alreadyDone() tells the one error that means success.
// Always: the steps are idempotent, because events are delivered at least once: each mutation starts with insert_step_one, whose key
// (order_id, name) a second delivery violates, and then nothing of that mutation is kept.

class GraphQLError extends Error {
  constructor(errors) {
    super(errors.map((error) => error.message).join('; '));
    this.name = 'GraphQLError';
  }
  // Names of the schema's constraints are part of Postgres's message.
  violates(constraint) { return this.message.includes(`"${constraint}"`); }
}

async function request(query, variables) {
  const response = await fetch(process.env.GRAPHQL_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.SERVICE_TOKEN}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  });
  const body = await response.json();
  if (body.errors) throw new GraphQLError(body.errors);
  return body.data;
}

const DECLINE = `mutation Decline($order: uuid!, $step: String!, $event: uuid!, $reason: String!) {
  insert_step_one(object: {order_id: $order, name: $step, event_id: $event}) { name }
  update_orders_by_pk(pk_columns: {id: $order}, _set: {decline_reason: $reason}) { id }
}`;

// Runs `work(order)` for the order of an event and logs what came of it. `work` returns a word for the log.
// An error is thrown on: Lambda reports it, and the event is delivered again.
function handler(step, work) {
  return async (payload) => {
    const order = payload.event.data.new;
    const about = { step, order: order.id, event: payload.id, attempt: payload.delivery_info.current_retry };
    try {
      const outcome = await work({ ...order, step, event: payload.id });
      console.log(JSON.stringify({ ...about, outcome }));
      return { outcome };
    } catch (error) {
      if (error instanceof GraphQLError && error.violates('step_done_once')) {
        console.log(JSON.stringify({ ...about, outcome: 'done before' }));
        return { outcome: 'done before' };
      }
      console.log(JSON.stringify({ ...about, error: error.message }));
      throw error;
    }
  };
}

async function decline(order, reason) {
  await request(DECLINE, { order: order.id, step: order.step, event: order.event, reason });
  return 'declined';
}

// The time that a bank, a kitchen or a dispatcher takes.
const think = () => new Promise((done) => setTimeout(done, Number(process.env.THINK_MS ?? 300)));

module.exports = { request, handler, decline, think, GraphQLError };
