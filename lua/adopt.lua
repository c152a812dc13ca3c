-- Registers cases that another program has added with XADD, as enqueue would have. ARGV: queue id, then for each: stream
-- id, case id, digest of the text. Returns for each its revision, or '' when it needs no call and was dropped.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end

local function isOlder(a, b)
  local aMs, aSeq = string.match(a, '^(%d+)-(%d+)$')
  local bMs, bSeq = string.match(b, '^(%d+)-(%d+)$')
  if aMs ~= bMs then
    return tonumber(aMs) < tonumber(bMs)
  end
  return tonumber(aSeq) < tonumber(bSeq)
end

local revisions = {}
for i = 2, #ARGV, 3 do
  local entry, id, digest = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local state = redis.call('HGET', KEYS[2], id)
  local rev = '1'
  local drop = nil
  if state then
    local old, former, status, holder = string.match(state, '^(%d+)|([^|]*)|(%a)|?(.*)$')
    if status == 'w' and holder == entry then
      rev = old
    elseif status == 'w' and isOlder(entry, holder) then
      drop = former == digest and 'skipped' or 'superseded'
    elseif former == digest and (status == 'w' or status == 'e') then
      drop = 'skipped'
    else
      rev = string.format('%.0f', tonumber(old) + 1)
    end
  end
  if drop then
    redis.call('XACK', KEYS[1], 'g', entry)
    redis.call('XDEL', KEYS[1], entry)
    redis.call('HINCRBY', KEYS[4], drop, 1)
    revisions[#revisions + 1] = ''
  else
    redis.call('XACK', KEYS[1], 'g', '0-0')
    redis.call('HSET', KEYS[2], id, rev .. '|' .. digest .. '|w|' .. entry)
    revisions[#revisions + 1] = rev
  end
end
return revisions
