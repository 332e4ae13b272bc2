// A paid order: does the restaurant take it? It does while it is open.
const { request, handler, decline, think } = require('./database');

const RESTAURANT = `query Restaurant($id: Int!) { restaurants_by_pk(id: $id) { name is_open } }`;

const APPROVE = `mutation Approve($order: uuid!, $event: uuid!) {
  insert_step_one(object: {order_id: $order, name: "approval", event_id: $event}) { name }
  update_orders_by_pk(pk_columns: {id: $order}, _set: {is_approved: true}) { id }
}`;

exports.handler = handler('approval', async (order) => {
  if (!order.is_paid) return 'nothing to do';
  const { restaurants_by_pk: restaurant } = await request(RESTAURANT, { id: order.restaurant_id });
  await think();
  if (!restaurant.is_open) return decline(order, `${restaurant.name} is closed`);
  await request(APPROVE, { order: order.id, event: order.event });
  return 'approved';
});
