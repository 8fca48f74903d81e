-- A page from Redis, or else from the origin: then three strings are found in
-- it, furniture goes around them, and it is stored when the client has it.

local redis = require "redis"

local find, sub = string.find, string.sub

local function transformed(whole)
    local out, n, from = {}, 0, 1

    local function insert(what, replacement)
        local first, last = find(whole, what, from, true)

        if first then
            out[n + 1] = sub(whole, from, first - 1)
            out[n + 2] = replacement
            n, from = n + 2, last + 1
        end
    end

    insert([==[%%raw:READ_MORE%%]==], [==[%%raw:READ_MORE_BOX%%]==])
    insert([==[%%raw:QUOTE%%]==], [==[%%raw:QUOTE_BOX%%]==])
    insert([==[%%raw:STORY_END%%]==], [==[%%raw:DISCLAIMER_STORY_END%%]==])

    out[n + 1] = sub(whole, from)

    return table.concat(out)
end

local key = "lua:" .. ngx.var.request_uri
local page = redis.get(key)
local is_new = page == nil

if is_new then
    page = transformed(ngx.location.capture("/origin" .. ngx.var.uri).body)
end

ngx.header["Content-Type"] = "text/html; charset=utf-8"
ngx.header["Content-Length"] = #page
ngx.print(page)

if is_new then
    ngx.eof()
    redis.set(key, page)
end
