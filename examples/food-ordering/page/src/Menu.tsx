// One restaurant's menu, a basket, a card. Prices here are for the eye: the total is the validate function's.
import { FormEvent, useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { MENU, PLACE_ORDER, Restaurant } from './api';

const CARDS = [{ digits: '4242', label: 'Visa ending 4242' }, { digits: '0002', label: 'Test card 0002, declines' }];
const MOST = 50;

export const money = (amount: number) => Number(amount).toLocaleString('en', { style: 'currency', currency: 'EUR' });

function Stepper({ name, quantity, onChange }: { name: string; quantity: number; onChange: (quantity: number) => void }) {
  return (
    <span className="stepper" role="group" aria-label={`Quantity of ${name}`}>
      <button type="button" aria-label={`One ${name} less`} disabled={quantity === 0} onClick={() => onChange(quantity - 1)}>−</button>
      <output aria-live="polite">{quantity}</output>
      <button type="button" aria-label={`One ${name} more`} disabled={quantity === MOST} onClick={() => onChange(quantity + 1)}>+</button>
    </span>
  );
}

function Choice({ restaurants }: { restaurants: Restaurant[] }) {
  const [restaurant, setRestaurant] = useState(restaurants[0]);
  const [basket, setBasket] = useState<Record<number, number>>({});
  const [card, setCard] = useState(CARDS[0].digits);
  const [result, placeOrder] = useMutation(PLACE_ORDER);
  const items = Object.entries(basket).filter(([, quantity]) => quantity > 0)
    .map(([id, quantity]) => ({ menu_item_id: Number(id), quantity }));
  const sum = restaurant.menu_items.reduce((total, item) => total + Number(item.price) * (basket[item.id] ?? 0), 0);

  function choose(id: number) {
    setRestaurant(restaurants.find((candidate) => candidate.id === id)!);
    setBasket({});
  }
  async function submit(event: FormEvent) {
    event.preventDefault();
    const { error } = await placeOrder({ restaurant: restaurant.id, card, items });
    if (!error) setBasket({});
  }

  return (
    <form onSubmit={submit}>
      <fieldset className="tabs">
        <legend className="hidden">Restaurant</legend>
        {restaurants.map(({ id, name, cuisine }) => (
          <label key={id}>
            <input type="radio" name="restaurant" checked={id === restaurant.id} onChange={() => choose(id)} />
            <span><b>{name}</b><small>{cuisine}</small></span>
          </label>
        ))}
      </fieldset>
      <ul className="menu">
        {restaurant.menu_items.map(({ id, name, price }) => (
          <li key={id}>
            <span className="dish">{name}</span>
            <span className="price">{money(price)}</span>
            <Stepper name={name} quantity={basket[id] ?? 0} onChange={(quantity) => setBasket({ ...basket, [id]: quantity })} />
          </li>
        ))}
      </ul>
      <label>Pay with
        <select name="card" value={card} onChange={(e) => setCard(e.target.value)}>
          {CARDS.map(({ digits, label }) => <option key={digits} value={digits}>{label}</option>)}
        </select>
      </label>
      {result.error && <p className="error" role="alert">{result.error.message}</p>}
      <button type="submit" disabled={items.length === 0 || result.fetching}>
        Place order{sum > 0 && ` · ${money(sum)}`}
      </button>
    </form>
  );
}

export function Menu() {
  const [{ data, error, fetching }] = useQuery<{ restaurants: Restaurant[] }>({ query: MENU });
  return (
    <section className="card" aria-labelledby="menu-title">
      <h1 id="menu-title">Menu</h1>
      {fetching && <p className="muted" role="status">Loading the menu…</p>}
      {error && <p className="error" role="alert">{error.message}</p>}
      {data && <Choice restaurants={data.restaurants} />}
    </section>
  );
}
