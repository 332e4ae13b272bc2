// An approved order: send the nearest free agent. Free is who has no order under way.
//
// Two functions may choose the same agent at the same time. The unique index one_order_per_agent lets one of them commit; the other looks
// again. With nobody free the function fails, and the event comes again later.
const { request, handler, think, GraphQLError } = require('./database');

const FREE_AGENTS = `query FreeAgents($restaurant: Int!) {
  agents(where: {_not: {orders: {is_delivered: {_eq: false}}}}) { id name x_km y_km }
  restaurants_by_pk(id: $restaurant) { x_km y_km }
}`;

const ASSIGN = `mutation Assign($order: uuid!, $event: uuid!, $agent: Int!) {
  insert_step_one(object: {order_id: $order, name: "agent", event_id: $event}) { name }
  update_orders_by_pk(pk_columns: {id: $order}, _set: {is_agent_assigned: true, agent_id: $agent}) { id }
}`;

const TRIES = 10;

async function assignNearest(order) {
  const { agents, restaurants_by_pk: restaurant } = await request(FREE_AGENTS, { restaurant: order.restaurant_id });
  if (agents.length === 0) throw new Error('no agent is free');
  const distance = (agent) => Math.hypot(agent.x_km - restaurant.x_km, agent.y_km - restaurant.y_km);
  const nearest = agents.reduce((best, agent) => (distance(agent) < distance(best) ? agent : best));
  await request(ASSIGN, { order: order.id, event: order.event, agent: nearest.id });
  return `agent ${nearest.name}`;
}

exports.handler = handler('agent', async (order) => {
  if (!order.is_approved) return 'nothing to do';
  await think();
  for (let tries = 1; ; ++tries) {
    try {
      return await assignNearest(order);
    } catch (error) {
      const taken = error instanceof GraphQLError && error.violates('one_order_per_agent');
      if (!taken || tries === TRIES) throw error;
    }
  }
});
