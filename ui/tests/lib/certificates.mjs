// A certificate authority for stories: P-256 keys, X.509 written by hand, so that nothing has to be installed or committed for it.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const der = (tag, ...parts) => {
  const body = Buffer.concat(parts);
  const size = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, Buffer.from(bytes));
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const named = (name) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))));
const time = (ms) => der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
const extension = (id, critical, value) => sequence(oid(0x55, 0x1d, id), ...(critical ? [der(0x01, Buffer.from([255]))] : []), der(0x04, value));
const pem = (what, bytes) => `-----BEGIN ${what}-----\n${bytes.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END ${what}-----\n`;

function certificate({ subject, issuer, spki, signer, extensions }) {
  const day = 86_400_000;
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])), ecdsaWithSha256,
    named(issuer), sequence(time(Date.now() - day), time(Date.now() + 30 * day)), named(subject), spki, der(0xa3, sequence(...extensions)),
  );
  return pem('CERTIFICATE', sequence(signed, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', signed, signer))));
}

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spkiOf = ({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' });

/** An authority, and a certificate of it for this machine. */
export function authority() {
  const [root, leaf] = [pair(), pair()];
  const issuer = 'Story authority';
  const local = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  return {
    authority: certificate({ subject: issuer, issuer, spki: spkiOf(root), signer: root.privateKey, extensions: [extension(0x13, true, sequence(der(0x01, Buffer.from([255]))))] }),
    certificate: certificate({ subject: 'Story gateway', issuer, spki: spkiOf(leaf), signer: root.privateKey, extensions: [extension(0x11, false, local)] }),
    key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}
