# The same in Python: aiohttp, a fixed number of workers, one line per case. `python3 aiohttp_loop.py PORT CASES LIMIT OUTPUT`
import asyncio
import json
import sys

import aiohttp

port, path, limit, output = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


async def worker(session, lines, out):
    for line in lines:
        case = json.loads(line)
        async with session.get(f"http://127.0.0.1:{port}/enrichments/{case['id']}") as response:
            response.raise_for_status()
            case["enrichment"] = await response.json()
        out.write(json.dumps(case) + "\n")


async def main():
    connector = aiohttp.TCPConnector(limit=limit)
    timeout = aiohttp.ClientTimeout(total=5)
    with open(path) as lines, open(output, "w") as out:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            await asyncio.gather(*(worker(session, lines, out) for _ in range(limit)))


asyncio.run(main())
