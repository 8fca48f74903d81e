-- The whole page is gathered, three strings are found in it, and what is
-- between them goes out with furniture around it.

local find, sub = string.find, string.sub

local chunk, eof = ngx.arg[1], ngx.arg[2]
local ctx = ngx.ctx
local page = ctx.page

if not page then
    page = { n = 0 }
    ctx.page = page
end

if chunk ~= "" then
    page.n = page.n + 1
    page[page.n] = chunk
end

if not eof then
    ngx.arg[1] = nil
    return
end

local whole = table.concat(page, "", 1, page.n)
ctx.page = nil

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

ngx.arg[1] = out
