-- Stores the results of records that are no cases, once each. ARGV: queue id, then for each: a digest, its result line
-- without the index, which is put in where the line has '"index":-1'.
if redis.call('HGET', KEYS[5], 'id') ~= ARGV[1] then
  return redis.error_reply('GONE')
end
local stored = 0
for i = 2, #ARGV, 2 do
  local mark = 'invalid:' .. ARGV[i]
  if redis.call('HSETNX', KEYS[4], mark, '1') == 1 then
    local index = redis.call('HINCRBY', KEYS[4], 'ix', 1) - 1
    local line = string.gsub(ARGV[i + 1], '"index":%-1', function() return '"index":' .. index end, 1)
    redis.call('XADD', KEYS[3], '*', 'r', line)
    redis.call('HINCRBY', KEYS[4], 'i', 1)
    stored = stored + 1
  end
end
return stored
