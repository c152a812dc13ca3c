-- A worker says that it is there: its lease begins anew. ARGV: queue id, worker, lease in ms, limit, hashes of its
-- settings, its name for people, '1' when it joins.
-- Returns { '1' when its lease had ended, pause left in ms, failed, finished }, or { 'other', hashes of the settings of
-- the workers that are there } when it joins with settings that are not theirs.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local me = ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local record = redis.call('HGET', KEYS[6], me)
local since = now
if ARGV[7] == '1' then
  local workers = redis.call('HGETALL', KEYS[6])
  for i = 1, #workers, 2 do
    local lease, beat, settings = string.match(workers[i + 1], '^(%d+) (%d+) %d+ %d+ (%S+)')
    if workers[i] ~= me and now - tonumber(beat) <= tonumber(lease) and settings ~= ARGV[5] then
      return { 'other', settings }
    end
  end
elseif record then
  since = string.match(record, '^%d+ %d+ (%d+)')
end
-- As in finish: this write goes through at the memory limit, and so does what comes after it.
redis.call('XACK', KEYS[1], 'g', '0-0')
redis.call('HSET', KEYS[6], me, string.format('%s %.0f %.0f %s %s %s', ARGV[3], now, tonumber(since), ARGV[4], ARGV[5], ARGV[6]))
local left = 0
local pause = redis.call('GET', KEYS[8])
if pause then
  left = math.max(0, tonumber(pause) - now)
end
local totals = redis.call('HMGET', KEYS[4], 'e', 'f')
local failed = tonumber(totals[2] or 0)
local wasGone = ARGV[7] ~= '1' and not record
return { wasGone and '1' or '', left, failed, failed + tonumber(totals[1] or 0) }
