// The order page in Chromium: two customers in two browsers, each sees only his own orders, and states arrive without a reload.
// Starts scripts/demo itself, on free ports; leaves screenshots in build/demo/. Needs chromium (scripts/install-deps).
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ROOT = new URL('../..', import.meta.url).pathname;
const SHOTS = join(ROOT, 'build/demo');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const SLOW = { timeout: 60_000 };
const STATES = ['Placed', 'Validated', 'Paid', 'Approved', 'Agent assigned'];

const demo = { output: '' };
const customers = {};
const traffic = []; // everything that crossed the wire, both ways, of all browsers
const requests = []; // [customer, kind, text]

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => done(port)); });
});

async function startDemo() {
  const port = await freePort();
  demo.origin = `http://127.0.0.1:${port}`;
  demo.process = spawn(join(ROOT, 'scripts/demo'), ['--port', String(port), '--think-ms', '500'], { stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise((ready, failed) => {
    const read = (data) => { demo.output += data; if (demo.output.includes('Ctrl-C ends it all')) ready(); };
    demo.process.stdout.on('data', read);
    demo.process.stderr.on('data', read);
    demo.process.once('exit', (code) => failed(new Error(`scripts/demo ended with ${code}:\n${demo.output}`)));
    setTimeout(() => failed(new Error(`scripts/demo is not up after 300 s:\n${demo.output}`)), 300_000).unref();
  });
}

function record(page, name) {
  page.on('request', (request) => {
    requests.push([name, request.resourceType(), request.postData() ?? '']);
    traffic.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '');
  });
  page.on('response', async (response) => traffic.push(JSON.stringify(response.headers()), await response.text().catch(() => '')));
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => traffic.push(String(payload)));
    socket.on('framereceived', ({ payload }) => traffic.push(String(payload)));
  });
}

// A browser of his own: nothing is shared with the other customer's.
async function openPage(name, options) {
  const profile = mkdtempSync(join(tmpdir(), `gqlsvl-${name}-`));
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', headless: true, args: FLAGS, ...options });
  const page = context.pages()[0] ?? await context.newPage();
  record(page, name);
  await page.goto(demo.origin);
  customers[name] = { profile, context, page };
  return page;
}

async function logIn(page, name, password = name) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

// Notes each set of finished steps the moment the page shows it.
const watchStates = (page) => page.evaluate(() => {
  window.shown = [];
  const note = () => {
    for (const order of document.querySelectorAll('[data-order]')) {
      const last = [...order.querySelectorAll('[data-state=done]')].at(-1)?.textContent;
      if (window.shown.at(-1) !== last) window.shown.push(last);
    }
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
});

before(async () => { mkdirSync(SHOTS, { recursive: true }); await startDemo(); }, { timeout: 320_000 });
after(async () => {
  for (const { context, profile } of Object.values(customers)) { await context.close(); rmSync(profile, { recursive: true, force: true }); }
  if (demo.process?.exitCode === null) demo.process.kill('SIGINT');
});

test('a wrong password is refused, in words', async () => {
  const page = await openPage('ana', { viewport: { width: 1180, height: 860 }, colorScheme: 'light' });
  await logIn(page, 'ana', 'wrong');
  await page.getByRole('alert').filter({ hasText: 'name or password is wrong' }).waitFor(SLOW);
});

test('an order moves through its states by itself, in order', async () => {
  const { page } = customers.ana;
  await logIn(page, 'ana');
  await page.getByText('None yet.').waitFor(SLOW);
  await watchStates(page);
  const loads = await page.evaluate(() => performance.getEntriesByType('navigation').length);
  await page.getByRole('button', { name: 'One Pizza Margherita more' }).click();
  await page.getByRole('button', { name: 'One Tiramisù more' }).click();
  await page.getByRole('button', { name: /^Place order/ }).click();
  await page.getByText('is on the way').waitFor(SLOW);
  assert.deepEqual(await page.evaluate(() => window.shown), STATES);
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation').length), loads, 'no reload');
  await page.screenshot({ path: join(SHOTS, 'order-page.png') });
});

test('another customer, at phone width, in the dark, with the keyboard only, sees none of it and orders too', async () => {
  const page = await openPage('bruno', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await page.getByLabel('Name').focus();
  await page.keyboard.type('bruno');
  await page.keyboard.press('Tab');
  await page.keyboard.type('bruno');
  await page.keyboard.press('Enter');
  await page.getByText('None yet.').waitFor(SLOW);
  assert.equal(await page.locator('[data-order]').count(), 0, "ana's order is not his");
  await page.getByLabel('Trattoria Lina').focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'One Tonkotsu ramen more' }).focus();
  await page.keyboard.press('Space');
  await page.getByLabel('Pay with').selectOption('0002');
  await page.getByRole('button', { name: /^Place order/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Card declined').waitFor(SLOW);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out sideways');
  await page.screenshot({ path: join(SHOTS, 'order-page-phone.png'), fullPage: true });
});

test("each sees his own orders only, also after the other's", async () => {
  assert.equal(await customers.ana.page.locator('[data-order]').count(), 1);
  assert.equal(await customers.bruno.page.locator('[data-order]').count(), 1);
  const [anas, brunos] = await Promise.all(['ana', 'bruno'].map((name) => customers[name].page.locator('[data-order]').getAttribute('data-order')));
  assert.notEqual(anas, brunos);
});

test('the state of an order never came by HTTP', () => {
  const asked = requests.filter(([, , body]) => body.includes('is_validated'));
  assert.deepEqual(asked, []);
});

test('page and traffic hold no secret of the server', () => {
  assert.ok(traffic.length > 20, 'traffic was recorded');
  for (const secret of [/admin[-_]secret/i, /AKIDFOODORDERING/, /signing_key/, /"fulfilment"/]) {
    assert.ok(!traffic.some((text) => secret.test(text)), `${secret} crossed the wire`);
  }
});

test('Ctrl-C ends everything the demo started', { timeout: 90_000 }, async () => {
  const ended = new Promise((done) => demo.process.once('exit', done));
  demo.process.kill('SIGINT');
  assert.equal(await ended, 130);
  await assert.rejects(fetch(demo.origin), 'the page is gone');
});
