// One customer of the headless demo: logs in, keeps one subscription open over a WebSocket, places orders, notes each state he is sent.
//
// In:  url (http://...), origin of the page, name and password. Out: states (order id -> list of states in the order received).
// Always: states come from the socket only; HTTP is used for two mutations (log in, place an order), never for a query.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const LOG_IN = 'mutation LogIn($name: String!, $password: String!) { insert_login_one(object: {name: $name, password: $password}) { token } }';
const PLACE = `mutation PlaceOrder($restaurant: Int!, $card: String!, $items: jsonb!) {
  insert_place_order_one(object: {restaurant_id: $restaurant, card: $card, items: $items}) { order_id }
}`;
const RECEIVED = 'mutation Received($order: uuid!) { update_orders_by_pk(pk_columns: {id: $order}, _set: {is_delivered: true}) { id } }';
export const WATCH = `subscription Watch {
  orders(order_by: {created_at: desc}) {
    id created_at total is_validated is_paid is_approved is_agent_assigned is_delivered decline_reason
    restaurant { name } agent { name } order_items { quantity menu_item { name } }
  }
}`;

export const STATES = ['placed', 'validated', 'paid', 'approved', 'agent assigned'];

export function stateOf(order) {
  if (order.is_delivered) return 'delivered';
  if (order.is_agent_assigned) return 'agent assigned';
  if (order.decline_reason !== null) return 'declined';
  if (order.is_approved) return 'approved';
  if (order.is_paid) return 'paid';
  if (order.is_validated) return 'validated';
  return 'placed';
}

export const isOver = (state) => state === 'declined' || state === 'agent assigned' || state === 'delivered';

async function post(url, origin, token, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  let body;
  try { body = JSON.parse(text); } catch { throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`); }
  if (body.errors) throw new Error(body.errors.map((error) => error.message).join('; '));
  if (!body.data) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
  return body.data;
}

export class Customer {
  states = new Map();
  #confirmed = new Set();
  #onChange;

  constructor({ url, origin, name, onChange }) {
    Object.assign(this, { url, origin, name });
    this.#onChange = onChange;
  }

  async logIn() {
    const data = await post(this.url, this.origin, null, LOG_IN, { name: this.name, password: this.name });
    this.token = data.insert_login_one.token;
    const { origin } = this;
    this.socket = createClient({
      url: this.url.replace(/^http/, 'ws'),
      webSocketImpl: class extends WebSocket { constructor(address, protocols) { super(address, protocols, { origin }); } },
      connectionParams: { headers: { Authorization: `Bearer ${this.token}` } },
      lazy: false, retryAttempts: 0,
    });
  }

  // Resolves with the first result; later ones are noted as they come.
  watch() {
    return new Promise((started, failed) => {
      this.socket.subscribe({ query: WATCH }, {
        next: ({ data, errors }) => {
          if (errors) return this.#fail(new Error(errors[0].message), failed);
          data.orders.forEach((order) => this.#note(order));
          started();
          this.#onChange();
        },
        error: (error) => this.#fail(error, failed),
        complete: () => {},
      });
    });
  }

  async place({ restaurant, card, items }) {
    const data = await post(this.url, this.origin, this.token, PLACE, { restaurant, card, items });
    return data.insert_place_order_one.order_id;
  }

  close() { this.socket?.dispose(); }

  #fail(error, failed) {
    this.error = error instanceof Error ? error : new Error(error[0]?.message ?? error.reason ?? JSON.stringify(error));
    failed(this.error);
    this.#onChange();
  }

  #note(order) {
    const state = stateOf(order);
    const seen = this.states.get(order.id) ?? [];
    if (seen.at(-1) !== state) this.states.set(order.id, [...seen, state]);
    if (state === 'agent assigned' && !this.#confirmed.has(order.id)) this.#confirm(order.id);
  }

  // The food has come: the agent is free again.
  async #confirm(order) {
    this.#confirmed.add(order);
    try {
      await post(this.url, this.origin, this.token, RECEIVED, { order });
    } catch (error) {
      this.#fail(error, () => {});
    }
  }
}
