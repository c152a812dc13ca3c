-- Gives cases to a worker. ARGV: queue id, worker, how many, most uncollected results (0: any number), deliveries after
-- which a case is condemned, longest text in bytes.
-- Returns { entries, cases in the queue, of them in work, '1' when too many results wait, pause left in ms }; an entry is
-- { stream id, times it was delivered before, version, id, revision, index, place, text, '1' when the text is too long }.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local me, count, most, deaths, longest = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local pending = redis.call('XPENDING', KEYS[1], 'g')[1]
local full = 0
if most > 0 then
  local room = math.max(0, most - redis.call('XLEN', KEYS[3]) - pending)
  full = room == 0 and 1 or 0
  count = math.min(count, room)
end
local taken, delivered = {}, {}

local function claim(from, limit)
  local found = redis.call('XPENDING', KEYS[1], 'g', '-', '+', limit, from)
  if #found == 0 then
    return 0
  end
  local ids = {}
  for i, entry in ipairs(found) do
    ids[i] = entry[1]
    delivered[entry[1]] = entry[4]
  end
  for _, entry in ipairs(redis.call('XCLAIM', KEYS[1], 'g', me, 0, unpack(ids))) do
    taken[#taken + 1] = entry
  end
  return #found
end

-- Those that were given back, and those of workers that were not heard of for longer than their lease.
if count > 0 and pending > 0 then
  claim('-', count)
  if #taken < count and now - tonumber(redis.call('HGET', KEYS[5], 'swept') or 0) >= 500 then
    local workers = redis.call('HGETALL', KEYS[6])
    local isDone = true
    for i = 1, #workers, 2 do
      local lease, beat = string.match(workers[i + 1], '^(%d+) (%d+)')
      if workers[i] ~= me and now - tonumber(beat) > tonumber(lease) then
        local room = count - #taken
        if room > 0 and claim(workers[i], room) < room then
          redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'g', workers[i])
          redis.call('HDEL', KEYS[6], workers[i])
          redis.call('HDEL', KEYS[4], 'seq:' .. workers[i])
        else
          isDone = false
        end
      end
    end
    if isDone then
      redis.pcall('HSET', KEYS[5], 'swept', string.format('%.0f', now))
    end
  end
end
if #taken < count then
  local fresh = redis.call('XREADGROUP', 'GROUP', 'g', me, 'COUNT', count - #taken, 'STREAMS', KEYS[1], '>')
  if fresh then
    for _, entry in ipairs(fresh[1][2]) do
      taken[#taken + 1] = entry
    end
  end
end

local entries = {}
for _, entry in ipairs(taken) do
  local stream, fields = entry[1], {}
  for i = 1, #(entry[2] or {}), 2 do
    fields[entry[2][i]] = entry[2][i + 1]
  end
  local isCurrent = true
  if fields.rev and fields.id then
    local rev, status = string.match(redis.call('HGET', KEYS[2], fields.id) or '', '^(%d+)|[^|]*|(%a)')
    isCurrent = rev == fields.rev and status == 'w'
  end
  if not isCurrent then
    redis.call('XACK', KEYS[1], 'g', stream)
    redis.call('XDEL', KEYS[1], stream)
    redis.call('HINCRBY', KEYS[4], 'superseded', 1)
  else
    local index = fields.ix
    if not index or not string.match(index, '^%d+$') then
      local next = redis.pcall('HINCRBY', KEYS[4], 'ix', 1)
      index = type(next) == 'number' and next - 1 or 0
    end
    local text, long = fields.c or '', ''
    if #text > longest then
      text, long = '', '1'
    end
    entries[#entries + 1] = { stream, delivered[stream] or 0, fields.v or '1', fields.id or '', fields.rev or '',
      tostring(index), fields.src or '', text, fields.c and long or 'none' }
  end
end
local left = 0
local pause = redis.call('GET', KEYS[8])
if pause then
  left = math.max(0, tonumber(pause) - now)
end
return { entries, redis.call('XLEN', KEYS[1]), redis.call('XPENDING', KEYS[1], 'g')[1], full, left }
