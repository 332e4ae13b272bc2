// The customer's orders as the subscription brings them. Nothing here is fetched.
import { useMutation, useSubscription } from 'urql';
import { Order, ORDERS, RECEIVED } from './api';
import { money } from './Menu';

const STEPS: { label: string; done: (order: Order) => boolean }[] = [
  { label: 'Placed', done: () => true },
  { label: 'Validated', done: (order) => order.is_validated },
  { label: 'Paid', done: (order) => order.is_paid },
  { label: 'Approved', done: (order) => order.is_approved },
  { label: 'Agent assigned', done: (order) => order.is_agent_assigned },
];

function headline(order: Order): string {
  if (order.decline_reason) return order.decline_reason;
  if (order.is_delivered) return 'Delivered. Enjoy!';
  if (order.is_agent_assigned) return order.agent ? `${order.agent.name} is on the way` : 'On the way';
  if (order.is_approved) return 'Finding the nearest agent';
  if (order.is_paid) return 'Asking the restaurant';
  if (order.is_validated) return 'Charging your card';
  return 'Checking stock and price';
}

function Progress({ order }: { order: Order }) {
  const done = STEPS.filter((step) => step.done(order)).length;
  const over = order.decline_reason !== null;
  return (
    <ol className={over ? 'steps over' : 'steps'} aria-label="Progress">
      {STEPS.map(({ label }, n) => {
        const state = n < done ? 'done' : n === done && !over ? 'current' : over && n === done ? 'failed' : 'waiting';
        return <li key={label} className={state} aria-current={n === done - 1 ? 'step' : undefined} data-state={state}>
          {label}{state === 'failed' && <span className="hidden"> failed</span>}
        </li>;
      })}
    </ol>
  );
}

function OrderCard({ order }: { order: Order }) {
  const [, received] = useMutation(RECEIVED);
  const time = new Date(order.created_at).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit' });
  return (
    <li className="order" data-order={order.id}>
      <div className="row">
        <h2>{order.restaurant.name}</h2>
        <span className="muted">{time}{order.total !== null && <> · <b>{money(order.total)}</b></>}</span>
      </div>
      <p className="muted">{order.order_items.map(({ quantity, menu_item }) => `${quantity} × ${menu_item.name}`).join(', ')}</p>
      <Progress order={order} />
      <div className="row">
        <p className={order.decline_reason ? 'headline error' : 'headline'} role="status">{headline(order)}</p>
        {order.is_agent_assigned && !order.is_delivered &&
          <button type="button" className="quiet" onClick={() => received({ order: order.id })}>It has arrived</button>}
      </div>
    </li>
  );
}

export function Orders() {
  const [{ data, error }] = useSubscription<{ orders: Order[] }>({ query: ORDERS });
  return (
    <section className="card" aria-labelledby="orders-title">
      <h1 id="orders-title">Your orders</h1>
      {error && <p className="error" role="alert">{error.message}</p>}
      {!data && !error && <p className="muted" role="status">Waiting for the first answer…</p>}
      {data?.orders.length === 0 && <p className="muted">None yet. What you order appears here and moves by itself.</p>}
      <ul className="orders">{data?.orders.map((order) => <OrderCard key={order.id} order={order} />)}</ul>
    </section>
  );
}
