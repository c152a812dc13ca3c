-- Stores results and acknowledges their cases, as one step. ARGV: queue id, worker, number of this call, closing line of
-- the run or '', then for each result: stream id, case id, revision, status (e, f or i), result line.
-- Returns 'late superseded failed finished pause': what was not taken, the totals of the queue, pause left in ms. A call
-- that is made again because its answer was lost gets that answer again.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local mine = 'seq:' .. ARGV[2]
local before = redis.call('HGET', KEYS[4], mine)
if before then
  local seq, answer = string.match(before, '^(%d+) (.*)$')
  if seq == ARGV[3] then
    return answer
  end
end
-- The first write is one that needs no memory: at the memory limit Redis then lets the script go through whole.
redis.call('XACK', KEYS[1], 'g', '0-0')
local counts = { e = 0, f = 0, i = 0 }
local late, superseded = 0, 0
for i = 5, #ARGV, 5 do
  local entry, id, rev, status = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if redis.call('XACK', KEYS[1], 'g', entry) == 0 then
    late = late + 1
  else
    redis.call('XDEL', KEYS[1], entry)
    local isTaken = true
    if rev ~= '' then
      local old, digest = string.match(redis.call('HGET', KEYS[2], id) or '', '^(%d+)|([^|]*)|')
      isTaken = old == rev
      if isTaken then
        redis.call('HSET', KEYS[2], id, rev .. '|' .. digest .. '|' .. status)
      end
    end
    if isTaken then
      redis.call('XADD', KEYS[3], '*', 'r', ARGV[i + 4])
      counts[status] = counts[status] + 1
    else
      superseded = superseded + 1
    end
  end
end
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[3], '*', 'r', ARGV[4])
end
for status, count in pairs(counts) do
  if count > 0 then
    redis.call('HINCRBY', KEYS[4], status, count)
  end
end
if late > 0 then
  redis.call('HINCRBY', KEYS[4], 'late', late)
end
if superseded > 0 then
  redis.call('HINCRBY', KEYS[4], 'superseded', superseded)
end
local totals = redis.call('HMGET', KEYS[4], 'e', 'f')
local left = 0
local pause = redis.call('GET', KEYS[8])
if pause then
  local time = redis.call('TIME')
  left = math.max(0, tonumber(pause) - (time[1] * 1000 + math.floor(time[2] / 1000)))
end
local failed = tonumber(totals[2] or 0)
local answer = string.format('%d %d %d %d %.0f', late, superseded, failed, failed + tonumber(totals[1] or 0), left)
redis.call('HSET', KEYS[4], mine, ARGV[3] .. ' ' .. answer)
return answer
