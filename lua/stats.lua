-- How the queue stands; changes nothing. Returns { now in ms, cases in the queue, results not collected, in work by
-- worker (name, count …), counters (name, count …), workers (name, record …), pause until in ms, queue id }.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = {}
local pending = redis.pcall('XPENDING', KEYS[1], 'g')
for _, one in ipairs(pending[4] or {}) do
  held[#held + 1] = one[1]
  held[#held + 1] = tostring(one[2])
end
local names = { 'ix', 'e', 'f', 'i', 'late', 'superseded', 'skipped' }
local counters = redis.call('HMGET', KEYS[4], unpack(names))
local counts = {}
for i, name in ipairs(names) do
  counts[#counts + 1] = name
  counts[#counts + 1] = counters[i] or '0'
end
return { string.format('%.0f', now), redis.call('XLEN', KEYS[1]), redis.call('XLEN', KEYS[3]), held, counts,
  redis.call('HGETALL', KEYS[6]), redis.call('GET', KEYS[8]) or '0', redis.call('HGET', KEYS[5], 'id') or '' }
