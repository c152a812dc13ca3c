-- The endpoint asks for a pause: set for all workers, never shortened. ARGV: queue id, for how long from now in ms.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = now + math.ceil(tonumber(ARGV[2]))
if ends <= tonumber(redis.call('GET', KEYS[8]) or 0) then
  return 0
end
redis.call('PEXPIRE', KEYS[8], 3600000)
redis.call('SET', KEYS[8], string.format('%.0f', ends), 'PX', ends - now)
redis.call('PUBLISH', KEYS[8], ARGV[2])
return 1
