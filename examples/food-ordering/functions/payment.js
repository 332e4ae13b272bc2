// A validated order: charge the card. Cards that end in 0002 are declined, as the test cards of payment providers are.
const { request, handler, think } = require('./database');

const ACCEPT = `mutation Accept($order: uuid!, $event: uuid!, $amount: numeric!, $card: String!) {
  insert_step_one(object: {order_id: $order, name: "payment", event_id: $event}) { name }
  insert_payments_one(object: {order_id: $order, amount: $amount, card: $card, status: "accepted"}) { order_id }
  update_orders_by_pk(pk_columns: {id: $order}, _set: {is_paid: true}) { id }
}`;

const REFUSE = `mutation Refuse($order: uuid!, $event: uuid!, $amount: numeric!, $card: String!) {
  insert_step_one(object: {order_id: $order, name: "payment", event_id: $event}) { name }
  insert_payments_one(object: {order_id: $order, amount: $amount, card: $card, status: "declined"}) { order_id }
  update_orders_by_pk(pk_columns: {id: $order}, _set: {decline_reason: "Card declined"}) { id }
}`;

exports.handler = handler('payment', async (order) => {
  if (!order.is_validated) return 'nothing to do';
  await think();
  const accepted = order.card !== '0002';
  // The event's id is what one would give the payment provider as the idempotency key.
  await request(accepted ? ACCEPT : REFUSE, { order: order.id, event: order.event, amount: order.total, card: order.card });
  return accepted ? 'paid' : 'declined';
});
