-- Reserves start slots: the generic cell rate algorithm on the clock of Redis. ARGV: queue id, how many, microseconds
-- between two. Returns { microseconds until the first slot, pause left in ms }.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local count, interval = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local first = math.max(now, tonumber(redis.call('GET', KEYS[7]) or 0))
-- The first write is one that needs no memory, as in finish.
redis.call('PEXPIRE', KEYS[7], 3600000)
local usedUp = first + count * interval
redis.call('SET', KEYS[7], string.format('%.0f', usedUp), 'PX', math.ceil((usedUp - now) / 1000) + 60000)
local left = 0
local pause = redis.call('GET', KEYS[8])
if pause then
  left = math.max(0, tonumber(pause) - now / 1000)
end
return { string.format('%.0f', first - now), string.format('%.0f', left) }
