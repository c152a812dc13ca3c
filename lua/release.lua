-- Gives cases back, so that another worker takes them at once and the delivery does not count. ARGV: queue id, worker,
-- what: 'these' stream ids, all 'others' of this worker, or 'leave': all of them, and the worker is gone; stream ids.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local me, what = ARGV[2], ARGV[3]
local released = 0

local function release(entry, times)
  redis.call('XCLAIM', KEYS[1], 'g', '-', 0, entry, 'TIME', 1, 'RETRYCOUNT', math.max(0, times - 1), 'JUSTID')
  released = released + 1
end

if what == 'these' then
  for i = 4, #ARGV do
    local mine = redis.call('XPENDING', KEYS[1], 'g', ARGV[i], ARGV[i], 1, me)[1]
    if mine then
      release(mine[1], mine[4])
    end
  end
  return released
end
local kept = {}
for i = 4, #ARGV do
  kept[ARGV[i]] = true
end
for _, entry in ipairs(redis.call('XPENDING', KEYS[1], 'g', '-', '+', 100000, me)) do
  if not kept[entry[1]] then
    release(entry[1], entry[4])
  end
end
if what == 'leave' then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'g', me)
  redis.call('HDEL', KEYS[6], me)
  redis.call('HDEL', KEYS[4], 'seq:' .. me)
end
return released
