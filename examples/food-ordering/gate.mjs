// Stands where AWS's front door does: lets a request through to the local runtime only if its SigV4 signature is right.
//
// In:  requests of the Lambda API (Invoke; PutFunctionConcurrency and DeleteFunctionConcurrency to switch a function off and on).
//      Environment: GATE_PORT, RUNTIME_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
// Out: the runtime's answer as it is; 403 for a signature that differs or a date off by more than 5 minutes; 429 for a function that is
//      switched off, as Lambda answers with a reserved concurrency of 0. One line of JSON per request.
// Always: the signature is computed from the request as received, by aws4, which knows nothing of gqlsvl's signer.
// Source: "Signature Version 4" and "Lambda API" of AWS's reference.
import aws4 from 'aws4';
import http from 'node:http';
import { timingSafeEqual } from 'node:crypto';

const { GATE_PORT, RUNTIME_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
const MAX_SKEW_MS = 5 * 60_000;
const switchedOff = new Set();

class Refused extends Error {
  constructor(status, type, message) { super(message); this.status = status; this.type = type; }
}

async function bodyOf(message) {
  const chunks = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parseAuthorization(header = '') {
  const match = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
    .exec(header);
  if (!match) throw new Refused(403, 'MissingAuthenticationTokenException', 'The request has no valid Authorization header');
  const [, key, day, region, service, signed, signature] = match;
  return { key, day, region, service, signed: signed.split(';'), signature };
}

function timeOf(amzDate = '') {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate) ?? [];
  return Date.UTC(y, mo - 1, d, h, mi, s);
}

// The whole Authorization header that the owner of the key would have sent for this request with the same signed headers.
function expectedSignature(request, body, { region, service, signed }) {
  const unsigned = Object.keys(request.headers).filter((name) => !signed.includes(name));
  const copy = aws4.sign({
    method: request.method, path: request.url, host: request.headers.host, region, service, body,
    headers: Object.fromEntries(signed.map((name) => [name, request.headers[name] ?? ''])),
    extraHeadersToIgnore: Object.fromEntries([...unsigned, 'content-type', 'content-length'].filter((n) => !signed.includes(n)).map((n) => [n, true])),
    extraHeadersToInclude: Object.fromEntries(signed.map((name) => [name, true])),
  }, { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY });
  return parseAuthorization(copy.headers.Authorization).signature;
}

function checkSignature(request, body) {
  const given = parseAuthorization(request.headers.authorization);
  const wrong = new Refused(403, 'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.');
  if (given.key !== AWS_ACCESS_KEY_ID) throw new Refused(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
  const date = request.headers['x-amz-date'];
  if (given.region !== AWS_REGION || given.service !== 'lambda' || !date?.startsWith(given.day)) throw wrong;
  if (!given.signed.includes('host') || !given.signed.includes('x-amz-date')) throw wrong;
  if (!(Math.abs(Date.now() - timeOf(date)) <= MAX_SKEW_MS)) throw new Refused(403, 'InvalidSignatureException', 'Signature expired or not yet current');
  if (!timingSafeEqual(Buffer.from(expectedSignature(request, body, given)), Buffer.from(given.signature))) throw wrong;
}

// A full ARN or name[:qualifier] -> the function's own name, as the runtime knows it.
function functionName(segment) {
  const parts = decodeURIComponent(segment).split(':');
  return parts[0] === 'arn' ? parts[6] : parts[0];
}

function switchFunction(request, name, body) {
  if (request.method === 'PUT') {
    const reserved = JSON.parse(body.toString()).ReservedConcurrentExecutions;
    if (reserved === 0) switchedOff.add(name); else switchedOff.delete(name);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ReservedConcurrentExecutions: reserved }) };
  }
  if (request.method === 'DELETE') { switchedOff.delete(name); return { status: 204, headers: {}, body: '' }; }
  throw new Refused(405, 'MethodNotAllowedException', `${request.method} is not a method of function concurrency`);
}

async function invoke(request, name, body) {
  if (switchedOff.has(name)) throw new Refused(429, 'TooManyRequestsException', 'Rate Exceeded.');
  const answer = await fetch(`${RUNTIME_URL}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`, {
    method: 'POST', body,
    headers: { 'content-type': 'application/json', 'x-amz-invocation-type': request.headers['x-amz-invocation-type'] ?? 'RequestResponse' },
  });
  const headers = Object.fromEntries([...answer.headers].filter(([key]) => key === 'content-type' || key.startsWith('x-amz')));
  return { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
}

async function answerTo(request) {
  const body = await bodyOf(request);
  checkSignature(request, body);
  const { pathname } = new URL(request.url, 'http://gate');
  const [, api, segment] = /^(\/2015-03-31\/functions\/|\/2017-10-31\/functions\/)([^/]+)\/(?:invocations|concurrency)$/.exec(pathname) ?? [];
  if (!segment) throw new Refused(404, 'ResourceNotFoundException', `No such operation: ${request.method} ${pathname}`);
  const name = functionName(segment);
  return api.startsWith('/2017') ? switchFunction(request, name, body) : invoke(request, name, body);
}

function refusal(error) {
  const { status, type, message } = error instanceof Refused ? error : { status: 502, type: 'ServiceException', message: error.message };
  return { status, headers: { 'content-type': 'application/json', 'x-amzn-errortype': type }, body: JSON.stringify({ Type: 'User', Message: message }) };
}

const server = http.createServer(async (request, response) => {
  const answer = await answerTo(request).catch(refusal);
  response.writeHead(answer.status, answer.headers).end(answer.body);
  console.log(JSON.stringify({ time: new Date().toISOString(), method: request.method, path: request.url, status: answer.status,
    error: answer.headers['x-amzn-errortype'] }));
});
server.listen(Number(GATE_PORT), '127.0.0.1', () => console.log(JSON.stringify({ listening: server.address().port })));
