-- Finds the queue, or makes it. ARGV: '1' to make it, something random for its id.
-- Returns { id, format version }; the id is '' where there is no queue.
local kinds = { 'stream', 'hash', 'stream', 'hash', 'hash', 'hash', 'string', 'string' }
for i, kind in ipairs(kinds) do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= 'none' and found ~= kind then
    return redis.error_reply('WRONGKEY ' .. KEYS[i] .. ' is a ' .. found .. ', not a ' .. kind)
  end
end
if ARGV[1] == '1' then
  local time = redis.call('TIME')
  local id = string.sub(redis.sha1hex(KEYS[5] .. ' ' .. time[1] .. ' ' .. time[2] .. ' ' .. ARGV[2]), 1, 16)
  redis.call('HSETNX', KEYS[5], 'id', id)
  redis.call('HSETNX', KEYS[5], 'v', '1')
  local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], 'g', '0', 'MKSTREAM')
  if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then
    return made
  end
end
return { redis.call('HGET', KEYS[5], 'id') or '', redis.call('HGET', KEYS[5], 'v') or '1' }
