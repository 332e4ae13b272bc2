// A new order: is everything in stock, and what does it cost? Takes the items from the stock and writes the total.
const { request, handler, decline, think, GraphQLError } = require('./database');

const ITEMS = `query Items($order: uuid!) {
  order_items(where: {order_id: {_eq: $order}}, order_by: {menu_item_id: asc}) {
    quantity menu_item { id name price stock }
  }
}`;

// One field per item: all of one mutation or nothing. Stock is taken in the order of the ids, so two orders cannot deadlock.
const mutation = (items) => `mutation Validate($order: uuid!, $event: uuid!, $total: numeric!) {
  insert_step_one(object: {order_id: $order, name: "validate", event_id: $event}) { name }
  ${items.map(({ quantity, menu_item }, n) =>
    `item_${n}: update_menu_items_by_pk(pk_columns: {id: ${menu_item.id}}, _inc: {stock: ${-quantity}}) { id }`).join('\n  ')}
  update_orders_by_pk(pk_columns: {id: $order}, _set: {is_validated: true, total: $total}) { id }
}`;

const cents = (price) => Math.round(Number(price) * 100);

exports.handler = handler('validate', async (order) => {
  const { order_items: items } = await request(ITEMS, { order: order.id });
  await think();
  const missing = items.filter(({ quantity, menu_item }) => menu_item.stock < quantity).map(({ menu_item }) => menu_item.name);
  if (missing.length > 0) return decline(order, `Out of stock: ${missing.join(', ')}`);
  const total = items.reduce((sum, { quantity, menu_item }) => sum + quantity * cents(menu_item.price), 0) / 100;
  try {
    await request(mutation(items), { order: order.id, event: order.event, total });
  } catch (error) {
    // Another order took the last ones since the query: the constraint on the stock has the last word.
    if (error instanceof GraphQLError && error.violates('in_stock')) return decline(order, 'Out of stock');
    throw error;
  }
  return 'validated';
});
