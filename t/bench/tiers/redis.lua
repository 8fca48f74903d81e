-- GET and SET on connections that are kept: what lua-resty-redis does for
-- these two, and no more.

local redis = {}

local function connect()
    local s = ngx.socket.tcp()

    s:settimeout(5000)
    assert(s:connect("unix:redis.sock"))

    return s
end

function redis.get(key)
    local s = connect()

    assert(s:send({"*2\r\n$3\r\nGET\r\n$", #key, "\r\n", key, "\r\n"}))

    local size = tonumber(assert(s:receive()):sub(2))
    local value = nil

    if size >= 0 then
        value = assert(s:receive(size))
        assert(s:receive(2))
    end

    s:setkeepalive(0, 64)

    return value
end

function redis.set(key, value)
    local s = connect()

    assert(s:send({"*5\r\n$3\r\nSET\r\n$", #key, "\r\n", key, "\r\n$", #value,
                   "\r\n", value, "\r\n$2\r\nEX\r\n$4\r\n3600\r\n"}))
    assert(s:receive() == "+OK")

    s:setkeepalive(0, 64)
end

return redis
