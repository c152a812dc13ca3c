-- Puts cases into the queue. ARGV: queue id, '1' to queue all again, most that may wait (0: any number),
-- then for each case: id, digest of its text, text, where it stood.
-- Returns { added, failed before and queued again, changed, skipped }, or {} when too many wait.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local most = tonumber(ARGV[3])
if most > 0 and redis.call('XLEN', KEYS[1]) >= most then
  return {}
end
local added, again, changed, skipped = 0, 0, 0, 0
local count = (#ARGV - 3) / 4
local known = {}
for i = 1, count do
  local id, digest = ARGV[i * 4], ARGV[i * 4 + 1]
  local state = redis.call('HGET', KEYS[2], id)
  local rev = 1
  local wanted = true
  if not state then
    added = added + 1
  else
    local old, former, status = string.match(state, '^(%d+)|([^|]*)|(%a)')
    rev = tonumber(old) + 1
    if former ~= digest then
      changed = changed + 1
    elseif ARGV[2] == '1' or status == 'f' or status == 'i' then
      again = again + 1
    else
      wanted = false
      skipped = skipped + 1
    end
  end
  if wanted then
    local index = redis.call('HINCRBY', KEYS[4], 'ix', 1) - 1
    local entry = redis.call('XADD', KEYS[1], '*', 'v', '1', 'id', id, 'rev', rev, 'ix', index,
      'src', ARGV[i * 4 + 3], 'c', ARGV[i * 4 + 2])
    redis.call('HSET', KEYS[2], id, rev .. '|' .. digest .. '|w|' .. entry)
  end
end
return { added, again, changed, skipped }
