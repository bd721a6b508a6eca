"""
Balances in Redis: any number of machines, by way of its own client, redis-py.

Each call is one Lua script, which Redis runs whole and alone. Lua counts in doubles, which lose whole numbers
beyond 2^53 (9,007 dollars in pico-dollars), so amounts are texts of digits there, added and compared in limbs of
seven. Expiry goes by the clock of the server, which is the same for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llm_tradeoffs.errors import InvalidTypeError, MissingExtraError
from llm_tradeoffs.money import Exact
from llm_tradeoffs.router.budget import Balance, BudgetStoreError, Line, Refusal, Reservation
from llm_tradeoffs.router.stores._account import Account, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AsyncRedisStore", "RedisStore"]

SCRIPT: Final = r"""
-- Whole numbers as limbs of seven digits, the lowest first: sums of two limbs are far below 2^53.
local BASE = 10000000
local function big(text)
  local limbs = {}
  for last = #text, 1, -7 do
    limbs[#limbs + 1] = tonumber(string.sub(text, math.max(1, last - 6), last))
  end
  while #limbs > 1 and limbs[#limbs] == 0 do limbs[#limbs] = nil end
  return limbs
end
local function digits(limbs)
  local parts = { string.format('%d', limbs[#limbs]) }
  for place = #limbs - 1, 1, -1 do parts[#parts + 1] = string.format('%07d', limbs[place]) end
  return table.concat(parts)
end
local function less(a, b)
  if #a ~= #b then return #a < #b end
  for place = #a, 1, -1 do
    if a[place] ~= b[place] then return a[place] < b[place] end
  end
  return false
end
local function plus(a, b)
  local sum, carry = {}, 0
  for place = 1, math.max(#a, #b) do
    local limb = (a[place] or 0) + (b[place] or 0) + carry
    carry = limb >= BASE and 1 or 0
    sum[place] = limb - carry * BASE
  end
  if carry > 0 then sum[#sum + 1] = carry end
  return sum
end
local function minus(a, b)  -- b is not above a
  local rest, borrow = {}, 0
  for place = 1, #a do
    local limb = a[place] - (b[place] or 0) - borrow
    borrow = limb < 0 and 1 or 0
    rest[place] = limb + borrow * BASE
  end
  while #rest > 1 and rest[#rest] == 0 do rest[#rest] = nil end
  return rest
end

-- Keys of one prefix stand in one slot of a cluster.
local prefix, op, day = KEYS[1], ARGV[1], ARGV[2]
local days_key, held_key, expiring_key = prefix .. ':days', prefix .. ':held:' .. day, prefix .. ':expiring:' .. day
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local keep = tonumber(ARGV[3])

local function account_key(name) return prefix .. ':account:' .. name end
local function read(name)
  local found, fields = { spent = '0', reserved = '0', left = 0 }, redis.call('HGETALL', account_key(name))
  for at = 1, #fields, 2 do
    if fields[at] == 'spent' or fields[at] == 'reserved' then found[fields[at]] = fields[at + 1]
    else found.left = found.left + 1 end
  end
  found.spent, found.reserved = big(found.spent), big(found.reserved)
  return found
end
local function hold(name, change, amount)
  local reserved = change(big(redis.call('HGET', account_key(name), 'reserved') or '0'), amount)
  redis.call('HSET', account_key(name), 'reserved', digits(reserved))
  redis.call('EXPIRE', account_key(name), keep)
end
local function spend(name, whole, over, denominator)
  local key, carry = account_key(name), big('0')
  if over ~= '0' then
    local field = '/' .. denominator
    local sum = plus(big(redis.call('HGET', key, field) or '0'), big(over))
    if not less(sum, big(denominator)) then sum, carry = minus(sum, big(denominator)), big('1') end
    if digits(sum) == '0' then redis.call('HDEL', key, field) else redis.call('HSET', key, field, digits(sum)) end
  end
  local spent = plus(plus(big(redis.call('HGET', key, 'spent') or '0'), big(whole)), carry)
  redis.call('HSET', key, 'spent', digits(spent))
  redis.call('EXPIRE', key, keep)
end
local function expire()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', expiring_key, '-inf', now)) do
    local record = redis.call('HGET', held_key, id)
    if record then
      local held = cjson.decode(record)
      for _, name in ipairs(held.accounts) do hold(name, minus, big(held.pico)) end
      held.expired = true
      redis.call('HSET', held_key, id, cjson.encode(held))
    end
    redis.call('ZREM', expiring_key, id)
  end
end
local function use(forgotten_until)
  if redis.call('HSETNX', days_key, day, forgotten_until) == 1 and redis.call('HLEN', days_key) > 64 then
    -- Days that nobody has used for long have no other keys any more.
    for _, other in ipairs(redis.call('HKEYS', days_key)) do
      if other ~= day and redis.call('EXISTS', prefix .. ':used:' .. other) == 0 then
        redis.call('HDEL', days_key, other)
      end
    end
  end
  redis.call('SET', prefix .. ':used:' .. day, '1', 'EX', keep)
end
local function known() return redis.call('EXISTS', prefix .. ':used:' .. day) == 1 end

if op == 'reserve' then
  local id, pico, lasts, made_at = ARGV[4], big(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
  if not known() then redis.call('HDEL', days_key, day) end
  use(made_at)
  if redis.call('HEXISTS', held_key, id) == 1 then return { 'held' } end
  expire()
  local names = {}
  for at = 8, #ARGV, 2 do
    local name, limit = ARGV[at], big(ARGV[at + 1])
    names[#names + 1] = name
    local account = read(name)
    local used = plus(plus(account.spent, account.reserved), big(tostring(account.left)))
    if ARGV[5] ~= '0' and less(limit, plus(used, pico)) then
      return { 'refused', name, less(limit, used) and '0' or digits(minus(limit, used)) }
    end
  end
  for _, name in ipairs(names) do hold(name, plus, pico) end
  redis.call('HSET', held_key, id, cjson.encode({ pico = ARGV[5], accounts = names }))
  redis.call('ZADD', expiring_key, now + lasts, id)
  redis.call('EXPIRE', held_key, keep)
  redis.call('EXPIRE', expiring_key, keep)
  return { 'held' }
end

if op == 'end' then
  local id, whole, over, denominator, made_at, was_before = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
  if not known() then redis.call('HDEL', days_key, day) end
  use(was_before)
  local record = redis.call('HGET', held_key, id)
  if record then
    local held = cjson.decode(record)
    redis.call('HDEL', held_key, id)
    redis.call('ZREM', expiring_key, id)
    if not held.expired then
      for _, name in ipairs(held.accounts) do hold(name, minus, big(held.pico)) end
    end
  elseif tonumber(made_at) > tonumber(redis.call('HGET', days_key, day)) then
    return { 'known' }
  end
  if whole ~= '0' or over ~= '0' then
    for at = 10, #ARGV do spend(ARGV[at], whole, over, denominator) end
  end
  return { 'counted' }
end

expire()
local account = redis.call('HGETALL', account_key(ARGV[4]))
return account
"""

DAYS_KEPT_FOR: Final = 3 * 86_400
_SHOULD_BE: Final = "Pass a client of redis-py: RedisStore(redis.Redis.from_url('redis://localhost:6379/0'))."


class _Redis:
    """What both stores have in common: how a call is written down, and how an answer is read."""

    def __init__(self, client: Any, prefix: str, problem: tuple[type[Exception], ...]) -> None:
        if not prefix or not isinstance(prefix, str) or "{" in prefix or "}" in prefix:
            raise InvalidTypeError(f"prefix is {prefix!r}; expected a name without braces, such as 'budget'.")
        self.client = client
        self.prefix = prefix
        self._keys = [f"{{{prefix}}}"]
        self._problem = problem
        self._script = client.register_script(SCRIPT)

    @staticmethod
    def _reserving(reservation: Reservation) -> list[str]:
        lasts = max(1, round((reservation.expires_at - reservation.made_at) * 1000))
        called = ["reserve", str(reservation.lines[0].day), str(DAYS_KEPT_FOR), reservation.id, str(reservation.pico)]
        called += [str(lasts), repr(reservation.made_at - 1e-6)]
        for line in reservation.lines:
            called += [line.account, str(line.limit)]
        return called

    @staticmethod
    def _ending(reservation: Reservation, pico: Exact) -> list[str]:
        whole, over, denominator = parts_of(pico)
        made_at = repr(reservation.made_at)
        called = ["end", str(reservation.lines[0].day), str(DAYS_KEPT_FOR), reservation.id, str(whole), str(over)]
        called += [str(denominator), made_at, made_at]
        return called + [line.account for line in reservation.lines]

    @staticmethod
    def _asking(line: Line) -> list[str]:
        return ["balance", str(line.day), str(DAYS_KEPT_FOR), line.account]

    @staticmethod
    def _refusal(answer: Sequence[Any]) -> Refusal | None:
        said = [_text(each) for each in answer]
        return Refusal(said[1], int(said[2])) if said[0] == "refused" else None

    @staticmethod
    def _balance(answer: Sequence[Any]) -> Balance:
        said = [_text(each) for each in answer]
        fields = dict(zip(said[::2], said[1::2], strict=True))
        left = {int(name[1:]): int(value) for name, value in fields.items() if name.startswith("/")}
        return Account(int(fields.get("spent", "0")), int(fields.get("reserved", "0")), left).balance

    def _unreachable(self, problem: Exception) -> BudgetStoreError:
        said = str(problem).rstrip(".")
        return BudgetStoreError(
            f"Redis did not answer: {said}. Nothing was decided; ask again, which counts nothing twice."
        )

    def __repr__(self) -> str:
        client: Any = self.client.__class__  # whose own repr has the whole configuration
        return f"<{type(self).__name__} {self.prefix!r} on a {client.__module__}.{client.__qualname__}>"


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class RedisStore(_Redis):
    """
    The store of several machines.

    Needs the package ``redis``. Nothing is lost or counted twice when a process of ours dies, whenever it does;
    what Redis itself keeps when it dies is a matter of its persistence (``appendonly yes``). Keys of a day are
    kept for three days after it was last used.

    Args:
        client: A ``redis.Redis`` or ``redis.RedisCluster``.
        prefix: What every key begins with.

    Raises:
        MissingExtraError: The package ``redis`` is not installed.
        InvalidTypeError: *client* is no client of it.
    """

    def __init__(self, client: Any, *, prefix: str = "llm-tradeoffs") -> None:
        try:
            import redis
            from redis.exceptions import RedisClusterException, RedisError
        except ImportError:
            raise MissingExtraError("redis", "redis", "keeping budgets in Redis") from None
        if not isinstance(client, redis.Redis | redis.RedisCluster):
            raise InvalidTypeError(f"client is {client!r}. {_SHOULD_BE}")
        super().__init__(client, prefix, (RedisError, RedisClusterException))

    def _call(self, arguments: list[str]) -> Any:
        try:
            return self._script(keys=self._keys, args=arguments)
        except self._problem as problem:
            raise self._unreachable(problem) from problem

    def reserve(self, reservation: Reservation) -> Refusal | None:
        """Hold the amount in all its accounts, or say which one has no room."""
        return self._refusal(self._call(self._reserving(reservation))) if reservation.lines else None

    def settle(self, reservation: Reservation, pico: Exact) -> bool:
        """Count the cost once, and let the reservation go."""
        return not reservation.lines or _text(self._call(self._ending(reservation, pico))[0]) == "counted"

    def release(self, reservation: Reservation) -> bool:
        """Let the reservation go."""
        return self.settle(reservation, 0)

    def balance(self, line: Line, now: float) -> Balance:  # noqa: ARG002  # the clock of the server counts
        """What is spent and reserved."""
        return self._balance(self._call(self._asking(line)))


class AsyncRedisStore(_Redis):
    """
    :class:`RedisStore` for asyncio, on the same keys: both may be used at once.

    Args:
        client: A ``redis.asyncio.Redis`` or ``redis.asyncio.RedisCluster``.
        prefix: What every key begins with.

    Raises:
        MissingExtraError: The package ``redis`` is not installed.
        InvalidTypeError: *client* is no client of it.
    """

    def __init__(self, client: Any, *, prefix: str = "llm-tradeoffs") -> None:
        try:
            import redis
            import redis.asyncio
            from redis.exceptions import RedisClusterException, RedisError
        except ImportError:
            raise MissingExtraError("redis", "redis", "keeping budgets in Redis") from None
        if not isinstance(client, redis.asyncio.Redis | redis.asyncio.RedisCluster):
            raise InvalidTypeError(f"client is {client!r}. Pass a redis.asyncio.Redis.")
        super().__init__(client, prefix, (RedisError, RedisClusterException))

    async def _call(self, arguments: list[str]) -> Any:
        try:
            return await self._script(keys=self._keys, args=arguments)
        except self._problem as problem:
            raise self._unreachable(problem) from problem

    async def reserve(self, reservation: Reservation) -> Refusal | None:
        """As :meth:`RedisStore.reserve`."""
        return self._refusal(await self._call(self._reserving(reservation))) if reservation.lines else None

    async def settle(self, reservation: Reservation, pico: Exact) -> bool:
        """As :meth:`RedisStore.settle`."""
        return not reservation.lines or _text((await self._call(self._ending(reservation, pico)))[0]) == "counted"

    async def release(self, reservation: Reservation) -> bool:
        """As :meth:`RedisStore.release`."""
        return await self.settle(reservation, 0)

    async def balance(self, line: Line, now: float) -> Balance:  # noqa: ARG002  # the clock of the server counts
        """As :meth:`RedisStore.balance`."""
        return self._balance(await self._call(self._asking(line)))
