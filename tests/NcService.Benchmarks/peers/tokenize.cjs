// GPT-2 encoding of every text in a folder by the npm package tiktoken (WASM), which has one thread. Arguments: the package's folder, the texts' folder.
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const { get_encoding } = require(path.resolve(process.argv[2]));
const encoding = get_encoding('gpt2');
const folder = process.argv[3];
const texts = fs.readdirSync(folder).filter((name) => name.endsWith('.txt')).sort().map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
console.log('{"ready": true}');
readline.createInterface({ input: process.stdin }).on('line', () => {
  const start = performance.now();
  let value = 0;
  for (const text of texts) value += encoding.encode(text, [], []).length;
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, peak_bytes: process.memoryUsage().rss, value }));
});
