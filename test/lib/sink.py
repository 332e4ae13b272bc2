#!/usr/bin/env python3
"""An HTTP receiver for tests: writes down every request, misbehaves on demand.

In:  sink.py --log FILE [--port N] [--port-file FILE] [--cert FILE --key FILE]. With a certificate it speaks TLS. Port 0: a free one, written to the port file once the sink listens.
Out: FILE gets one JSON line for each request, before it is answered:
     {"at": seconds, "method": "POST", "path": "/x", "query": "a=b", "status": 200, "headers": {lower-case names}, "body": parsed JSON or text,
      "sha256": of the body's bytes}
     "status" is what the request gets; 0: no complete answer.
Misbehaviour, by the path's query or by a header x-sink with the same text; several joined by "&":
     status=503  delay=0.5 (seconds)  retry-after=1  close=1 (before the answer)  half=1 (closes within the body)
     drip=0.1 (a byte each)  headers=BYTES  length=BYTES (of the body)  garbled=1 (a body that is no text)  reset=1  hang=1
     answer=TEXT (the body)  echo=1 (answers with the request's headers)  raw=1 (logs the body's text as "raw" too)
     function-error=Unhandled (as Lambda says it, with 200)  first=N (only the first N requests of this event id)
     flaky=P (percent, drawn for each request; with the others: how often these happen)
The log is appended and flushed to the system, not to the disk: it survives the sink, not the machine. Only the standard library.
"""
import argparse
import asyncio
import hashlib
import json
import os
import random
import socket
import ssl
import struct
import time
import urllib.parse

REASONS = {200: 'OK', 204: 'No Content', 302: 'Found', 404: 'Not Found', 429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable'}
LONGEST_BODY = 64 * 1024 * 1024
FILLING = b'x' * 65536


class Sink:
    def __init__(self, log):
        self.log = log
        self.seen = {}  # event id -> requests so far

    def faults(self, target, headers, body):
        text = headers.get('x-sink') or urllib.parse.urlsplit(target).query
        wanted = dict(urllib.parse.parse_qsl(text))
        event = body.get('id') if isinstance(body, dict) else None
        self.seen[event] = self.seen.get(event, 0) + 1
        if 'first' in wanted and self.seen[event] > int(wanted['first']):
            return {}
        if 'flaky' in wanted and random.uniform(0, 100) >= float(wanted['flaky']):
            return {}
        return wanted

    def record(self, method, target, headers, raw, body, faults):
        broken = any(name in faults for name in ('close', 'half', 'hang', 'reset'))
        status = 0 if broken else int(faults.get('status', 200))
        query = urllib.parse.urlsplit(target).query
        line = {'at': time.time(), 'method': method, 'path': urllib.parse.urlsplit(target).path, 'query': query, 'status': status, 'headers': headers, 'body': body,
                'sha256': hashlib.sha256(raw).hexdigest()}
        if 'raw' in dict(urllib.parse.parse_qsl(query)):
            line['raw'] = raw.decode()
        os.write(self.log, (json.dumps(line) + '\n').encode())  # one write: lines of a killed sink are whole
        return status

    async def answer(self, writer, status, headers, faults):
        """True when the connection can take another request."""
        if 'delay' in faults:
            await asyncio.sleep(float(faults['delay']))
        if 'hang' in faults:
            await asyncio.sleep(3600)
        if 'reset' in faults:
            writer.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        if 'close' in faults or 'reset' in faults:
            return False
        body = b'' if status == 204 else b'\xff\xfe a\0b \xc3' if 'garbled' in faults else b'{"status":%d}' % status
        if 'answer' in faults:
            body = faults['answer'].encode()
        if 'echo' in faults:
            body = '\n'.join(f'{name}: {value}' for name, value in headers.items()).encode()
        length = int(faults.get('length', len(body)))
        head = f'HTTP/1.1 {status or 200} {REASONS.get(status, "Status")}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n'
        head += ''.join(f'X-More-{i}: {"y" * 1000}\r\n' for i in range(int(faults.get('headers', 0)) // 1000))
        if 'function-error' in faults:
            head += f'X-Amz-Function-Error: {faults["function-error"]}\r\n'
        if 'retry-after' in faults:
            head += f'Retry-After: {faults["retry-after"]}\r\n'
        writer.write((head + '\r\n').encode())
        if 'half' in faults:
            writer.write(body[:3])
            return False
        if 'drip' in faults:
            for byte in body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(float(faults['drip']))
        else:
            writer.write(body)
            for _ in range((length - len(body)) // len(FILLING)):
                writer.write(FILLING)
                await writer.drain()
        return True

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
                target = head[0].split(' ')[1]
                headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(':') for line in head[1:] if line)}
                length = int(headers.get('content-length', '0'))
                if length > LONGEST_BODY:
                    return
                raw = await reader.readexactly(length)
                try:
                    body = json.loads(raw)
                except ValueError:
                    body = raw.decode('utf-8', 'replace')
                faults = self.faults(target, headers, body)
                status = self.record(head[0].split(' ')[0], target, headers, raw, body, faults)
                if not await self.answer(writer, status, headers, faults):
                    return
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError, IndexError):
            pass  # the peer went away or does not speak HTTP
        finally:
            writer.close()


async def main():
    options = argparse.ArgumentParser(description='An HTTP receiver for tests.')
    options.add_argument('--log', required=True)
    options.add_argument('--port', type=int, default=0)
    options.add_argument('--port-file')
    options.add_argument('--cert')
    options.add_argument('--key')
    given = options.parse_args()
    tls = None
    if given.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given.cert, given.key)
    sink = Sink(os.open(given.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644))
    server = await asyncio.start_server(sink.serve, '127.0.0.1', given.port, limit=1024 * 1024, backlog=512, ssl=tls)
    if given.port_file:
        with open(given.port_file + '.new', 'w') as file:
            file.write(str(server.sockets[0].getsockname()[1]))
        os.rename(given.port_file + '.new', given.port_file)  # whoever waits for it never reads half
    async with server:
        await server.serve_forever()


if __name__ == '__main__':
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
