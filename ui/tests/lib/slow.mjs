// A slow line, as a phone has it: everything between a browser and a gateway goes through here, HTTP and sockets alike.
import net from 'node:net';
import { once } from 'node:events';

/** Bytes that may wait on the line before whoever sends them has to. */
const WAITING = 64 * 1024;

/** One direction: so many bits a second for all connections together, and some way to go. */
class Direction {
  constructor(bitsPerSecond, delayMs) {
    this.bitsPerSecond = bitsPerSecond;
    this.delayMs = delayMs;
    this.free = 0;
  }
  carry(from, to) {
    let waiting = 0;
    // One timer for the first of them: timers of their own could end in another order than they were begun in.
    const queue = [];
    let timer;
    const next = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        while (queue.length > 0 && queue[0].at <= Date.now()) queue.shift().arrive();
        if (queue.length > 0) next();
      }, Math.max(0, queue[0].at - Date.now()));
    };
    const send = (at, arrive) => {
      queue.push({ at, arrive });
      next();
    };
    from.on('data', (data) => {
      this.free = Math.max(Date.now(), this.free) + (data.length * 8000) / this.bitsPerSecond;
      waiting += data.length;
      if (waiting > WAITING) from.pause();
      send(this.free + this.delayMs, () => {
        waiting -= data.length;
        if (waiting <= WAITING && !from.destroyed) from.resume();
        if (!to.destroyed) to.write(data);
      });
    });
    from.on('end', () => send(Math.max(Date.now(), this.free) + this.delayMs, () => to.end()));
  }
}

/** Opens the line. It takes `latencyMs` there and back. */
export async function slowLine(port, { bitsPerSecond = 400_000, latencyMs = 400 } = {}) {
  const [up, down] = [new Direction(bitsPerSecond, latencyMs / 2), new Direction(bitsPerSecond, latencyMs / 2)];
  const open = new Set();
  let cut = false;
  const server = net.createServer({ noDelay: true }, (near) => {
    if (cut) return near.resetAndDestroy();
    const far = net.connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', (failed) => {
        open.delete(socket);
        // An end goes its way after what was said before it; only what broke ends the other side at once.
        if (failed) (socket === near ? far : near).destroy();
      });
    }
    up.carry(near, far);
    down.carry(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line = {
    http: `http://127.0.0.1:${server.address().port}`,
    cuts: 0,
    /** Nothing goes through any more, and what was under way is lost. */
    cut() {
      cut = true;
      line.cuts += 1;
      for (const socket of open) socket.resetAndDestroy();
    },
    mend() {
      cut = false;
    },
    /** Comes and goes: away for `awayMs` of each `everyMs`. */
    flap(everyMs, awayMs) {
      const turn = () => {
        line.cut();
        setTimeout(line.mend, awayMs);
      };
      const timer = setInterval(turn, everyMs);
      return () => {
        clearInterval(timer);
        line.mend();
      };
    },
    async close() {
      line.cut();
      server.close();
      await once(server, 'close');
    },
  };
  return line;
}
