#!/usr/bin/perl

# The beacon: what it tells, what it takes, and that nothing of a body counts
# that has anything wrong in it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep);

my $t = Test::Editorial->new(workers => 2);
my $json = 'Content-Type: application/json';
my $site = <<'END';
    editorial_desk opinion;
    editorial_read_more box;
    editorial_read_more bold;
    editorial_read_more plain;
    editorial_test read_more box=40 bold=40 off=20;
    editorial_test disclaimer standard=1 off=1;
END

$t->run(<<"END");
editorial_zone pages:4m;

server {
    listen %%PORT1%%;
    location / { return 204; }
}

server {
    listen %%PORT%%;
$site
    location / {
        editorial on;
        return 200 page;
    }

    location /news/ {
        editorial on;
        editorial_desk news;
        editorial_read_more box;
        editorial_test read_more box=1 off=1;
        editorial_test disclaimer standard=1 off=0;
        return 200 page;
    }

    location = /beacon {
        editorial_beacon;
        add_header X-Bucket \$editorial_bucket always;
    }

    location /by-visitor/ {
        editorial_visitor \$http_x_visitor;
        editorial_beacon;
    }

    location /by-consent/ {
        editorial_consent \$http_x_consent;
        editorial_beacon;
    }

    location /blocks {
        editorial_beacon;

        if (\$arg_if) {
            set \$x y;
        }

        limit_except GET {
            allow all;
        }
    }

    location /limited {
        limit_except GET {
            deny all;
        }

        editorial_beacon;
    }

    location /metrics {
        editorial_metrics;
    }

    location /console/ {
        editorial_console user=anna;
    }
}
END

# what there is to count

my $r = $t->get('/beacon?desk=opinion');
is($r->{status}, 200, 'which tests run');
is($r->{headers}{'content-type'}, 'application/json', '... as JSON');
is($r->{headers}{'cache-control'}, 'no-store', '... is not kept');

my $tests = JSON::PP::decode_json($r->{body})->{tests};
is_deeply([sort keys %$tests], ['disclaimer', 'read_more'], '... two');
my $id = $tests->{read_more};
like($id, qr/^[\w.-]+$/, '... by their names');

is($t->get('/beacon?desk=%6fpinion')->{body}, $r->{body}, '... escaped');
is($t->head('/beacon?desk=opinion')->{status}, 200, '... HEAD');

for my $args ('', '?', '?desk', '?desk=', '?desk=none', '?desk=opinion%00',
              '?desk=opinion/', '?desk=default')
{
    $r = $t->get("/beacon$args");
    is($r->{status}, 404, "no desk: $args");
    problem($r, qr/^there is no such desk$/);
}

is_deeply(counts(), {}, 'nothing is counted');

# what counts

told(event('read_more/box', 'exposure'), 'an exposure');
is_deeply(counts(), { 'box exposure' => 1 }, '... is counted');

told(join(',', event('read_more/box', 'exposure'),
          event('read_more/off', 'exposure'),
          event('read_more/box', 'click'), event('read_more/box', 'finish')),
     'several at once');
is_deeply(counts(), { 'box exposure' => 2, 'off exposure' => 1,
                      'box click' => 1, 'box finish' => 1 }, '... all of them');

is(counts('disclaimer')->{'standard exposure'}, undef,
   'another feature has its own counts');
told(event('disclaimer/standard', 'exposure'), '... and its own events');
is(counts('disclaimer')->{'standard exposure'}, 1, '... are counted there');

is(post('/beacon', body('read_more/box', 'exposure', 'news'))->{status}, 204,
   'another desk');
is(counts('read_more', 'news')->{'box exposure'}, 1, '... has its own, too');

my $now = counts();
is($now->{'box exposure'}, 2, '... and that is apart');

for my $path ('/blocks', '/blocks?if=1') {
    is(post($path, body('read_more/bold', 'exposure'))->{status}, 204,
       "$path: in a block of the location");
}

is(counts()->{'bold exposure'}, 2, '... is counted');
is(post('/limited', body('read_more/bold', 'exposure'))->{status}, 403,
   'nginx refuses first');

# what comes too late, and is nobody's fault

$now = counts();
my %no = numbers();

told(event('read_more/plain', 'exposure'), 'a variant that is no arm');
told(event('pull_quote/quote', 'exposure'), 'a feature that is not tested');
told(event('pull_quote/off', 'click'), '... nor off');
is_deeply(counts(), $now, '... are taken, and not counted');
is_deeply(results('pull_quote')->{status}, 404, '... there are no results');

my %yes = numbers();
is($yes{no_arm} - $no{no_arm}, 1, 'metrics: no arm');
is($yes{no_test} - $no{no_test}, 2, '... no test');

# whose arm it is

my %arm = arms();

for my $arm (qw(box bold off)) {
    for my $told (qw(box bold off)) {
        my $before = counts()->{"$told exposure"} || 0;

        is(post('/beacon', body("read_more/$told", 'exposure'),
                "Cookie: editorial_bucket=$arm{$arm}")->{status}, 204,
           "bucket $arm{$arm}, of $arm, says $told");
        is((counts()->{"$told exposure"} || 0) - $before,
           $arm eq $told ? 1 : 0,
           '... is' . ($arm eq $told ? '' : ' not') . ' counted');
    }
}

my $before = counts()->{'box exposure'};
for my $cookie ('editorial_bucket=', 'editorial_bucket=10000',
                'editorial_bucket=x', 'other=1')
{
    post('/beacon', body('read_more/box', 'exposure'), "Cookie: $cookie");
}
is(counts()->{'box exposure'} - $before, 4, 'who has no bucket is believed');

$before = counts();
for my $n (1 .. 30) {
    post('/by-visitor/', body("read_more/$_", 'exposure'), "X-Visitor: v$n")
        for qw(box bold off);
}
my $after = counts();
is(sum($after, 'exposure') - sum($before, 'exposure'), 30,
   'editorial_visitor: each in one arm');

$before = counts();
is(post('/by-consent/', body('read_more/box', 'exposure'), $_)->{status}, 204,
   "editorial_consent: $_") for 'X-Consent: 0', 'X-Other: 1', 'X-Consent:';
is_deeply(counts(), $before, '... is not counted');
is(post('/by-consent/', body('read_more/box', 'exposure'),
        'X-Consent: yes')->{status}, 204, '... consents');
is(counts()->{'box exposure'} - $before->{'box exposure'}, 1,
   '... is counted');

# what is refused

my $good = event('read_more/box', 'exposure');
my %wrong = (
    '' => qr/^this call needs a body$/,
    '{' => qr/^malformed JSON/,
    'x' => qr/^malformed JSON/,
    "{\"desk\":\"\xff\",\"events\":[$good]}" => qr/^malformed JSON/,
    '[]' => qr/^the body must be an object$/,
    "[$good]" => qr/^the body must be an object$/,
    'null' => qr/^the body must be an object$/,
    '{}' => qr/^"desk" is missing$/,
    "{\"events\":[$good]}" => qr/^"desk" is missing$/,
    '{"desk":"opinion"}' => qr/^"events" is missing$/,
    "{\"desk\":1,\"events\":[$good]}" => qr/^"desk" must be a string$/,
    "{\"desk\":null,\"events\":[$good]}" => qr/^"desk" must be a string$/,
    '{"desk":"opinion","events":{}}' => qr/^"events" must be an array$/,
    "{\"desk\":\"none\",\"events\":[$good]}" => qr/^there is no desk "none"$/,
    "{\"desk\":\"\",\"events\":[$good]}" => qr/^there is no desk ""$/,
    '{"desk":"' . 'x' x 500 . "\",\"events\":[$good]}" =>
        qr/^there is no desk "x{100}"$/,
    "{\"desk\":\"opinion\",\"events\":[$good],\"time\":1}" =>
        qr/^unknown field "time"$/,
    "{\"desk\":\"opinion\",\"desk\":\"opinion\",\"events\":[$good]}" =>
        qr/^malformed JSON.*duplicate/,
    list('') => qr/^"events" must be 1 to 100, not 0$/,
    list(join ',', ('1') x 101) => qr/^"events" must be 1 to 100, not 101$/,
);

my $two = qr/^event 2 must be an object of two strings/;

$wrong{list("$good,$_")} = $two for
    '1', 'null', '[]', '"read_more/box"', '{}',
    '{"furniture":"read_more/box"}', '{"event":"exposure"}',
    '{"furniture":"read_more/box","event":1}',
    '{"furniture":1,"event":"click"}',
    '{"furniture":"read_more/box","event":"click","n":2}',
    '{"furniture":"read_more/box","other":"click"}';

$wrong{list("$good," . event('read_more/box', $_))} =
    qr/^event 2: there is no event "\Q$_\E"$/
    for 'view', '', 'Exposure', 'exposure ', 'exposures';

$wrong{list("$good," . event($_, 'click'))} =
    qr/^event 2: the desk has no furniture "\Q$_\E"$/
    for '', '/', 'read_more', 'read_more/', '/box', 'read_more/none',
        'read_more/box/', 'read_more/box/x', 'read_more/Box', 'none/box',
        'disclaimer/box', 'READ_MORE/box', ' read_more/box',
        'read_more/..%2f', 'pull_quote/box', 'read_more:box';

$before = counts();
my %old = numbers();

for my $body (sort keys %wrong) {
    my $shown = substr $body =~ s/[^ -~]/./gr, 0, 60;

    $r = post('/beacon', $body);
    is($r->{status}, 400, "refused: $shown");
    problem($r, $wrong{$body});
}

is_deeply(counts(), $before, 'nothing of all that is counted');

my %new = numbers();
is($new{malformed} - $old{malformed}, scalar keys %wrong,
   'metrics: malformed');
is($new{counted}, $old{counted}, '... no event');

# the longest

my $padded = sub { list($good . ' ' x ($_[0] - length list($good))) };

is(post('/beacon', $padded->(4096))->{status}, 204, '4096 bytes');
$r = post('/beacon', $padded->(4097));
is($r->{status}, 413, '4097 bytes');
problem($r, qr/exceeds 4096 bytes/);
$r = chunked('/beacon', $padded->(4097));
is($r->{status}, 413, '... chunked');
problem($r, qr/exceeds 4096 bytes/);
is(chunked('/beacon', $padded->(4096))->{status}, 204, '4096, chunked');
is(counts()->{'box exposure'} - $before->{'box exposure'}, 2, 'two counted');

is(post('/beacon', list(join ',', ($good) x 80))->{status}, 204,
   'many events');
is(counts()->{'box exposure'} - $before->{'box exposure'}, 82,
   '... all counted');

# who sends it, and how

$before = counts();
my $port = $t->port;
my $body = list($good) . "\n";
my @host = ("Host: localhost:$port");

for my $site (qw(cross-site same-site x), '') {
    $r = post('/beacon', $body, @host, "Sec-Fetch-Site: $site");
    is($r->{status}, 403, "Sec-Fetch-Site: $site");
    problem($r, qr/^an event must not come from a page of another origin/);
}

for my $origin ('null', 'https://evil.example', 'http://localhost:1', '') {
    $r = post('/beacon', $body, @host, "Origin: $origin");
    is($r->{status}, 403, "Origin: $origin");
    problem($r, qr/^an event must not come from a page of another origin/);
}

for my $type ('text/plain', 'application/x-www-form-urlencoded',
              'multipart/form-data', '')
{
    $r = call('POST', '/beacon', $body, "Content-Type: $type");
    is($r->{status}, 415, "Content-Type: $type");
}

is(call('POST', '/beacon', gzip($body), $json,
                    'Content-Encoding: gzip')->{status}, 415, 'compressed');

for my $method (qw(PUT DELETE PATCH OPTIONS)) {
    $r = call($method, '/beacon', $body, $json);
    is($r->{status}, 405, $method);
    is($r->{headers}{allow}, 'GET, HEAD, POST', '... says what is allowed');
}

is_deeply(counts(), $before, 'nothing of all that is counted, either');

is(post('/beacon', $body, @host, "Origin: http://localhost:$port",
        'Sec-Fetch-Site: same-origin')->{status}, 204, 'as a browser sends it');
is(post('/beacon', $body, @host, 'Sec-Fetch-Site: none')->{status}, 204,
   'as nobody else does');
is(post('/beacon', $body, 'Content-Type: application/json; charset=utf-8')
   ->{status}, 204, 'a charset');
is(counts()->{'box exposure'} - $before->{'box exposure'}, 3, '... count');

%new = numbers();
cmp_ok($new{$_}, '>=', 2, "metrics: $_") for qw(large foreign type method);
cmp_ok($new{$_}, '>=', 1, "metrics: $_") for qw(taken counted other_arm
                                                no_consent);
is($new{failed} + $new{full}, 0, '... nothing failed');

my @two = $t->raw(("POST /beacon HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
                   . 'Content-Length: ' . length($body) . "\r\n\r\n$body") x 2
                  . "GET /beacon?desk=opinion HTTP/1.1\r\nHost: localhost\r\n"
                  . "Connection: close\r\n\r\n");
is(join(' ', map { $_->{status} } @two), '204 204 200', 'one behind the other');

# a reload, and a worker that dies

$before = counts();
my ($worker) = $t->workers;

$t->reload;
ok(eventually(sub { !grep { $_ == $worker } $t->workers }), 'reloaded');
is_deeply(counts(), $before, 'counts outlive a reload');

$t->allow(qr/exited on signal 9/);
kill 'KILL', $_ for $t->workers;
ok(eventually(sub { post('/beacon', $body)->{status} == 204 }), 'killed');
is(counts()->{'box exposure'} - $before->{'box exposure'}, 1,
   '... and a killed worker');

# a second beacon in one location, and what it needs

for (['location /x { editorial_beacon; editorial_beacon; }',
      qr/"editorial_beacon" directive is duplicate/],
     ['location /x { editorial_beacon; editorial_console; }',
      qr/"editorial_console" directive stands beside another/],
     ['location /x { editorial_console; editorial_beacon; }',
      qr/"editorial_beacon" directive stands beside another/],
     ['location /x { editorial_beacon on; }', qr/invalid number of arguments/],
     ['editorial_beacon;', qr/directive is not allowed here/])
{
    my ($conf, $said) = @$_;
    my ($good, $text) = $t->check("editorial_zone pages:4m;\n"
                                  . "server { listen %%PORT1%%; $conf }");

    ok(!$good, "refused: $conf");
    like($text, $said, '... says why');
}

my ($ok, $text) = $t->check("server { listen %%PORT1%%;\n"
                            . 'location /x { editorial_beacon; } }');
ok(!$ok, 'without a zone');
like($text, qr/editorial_beacon.*editorial_zone.* in \S+:\d+/, '... says why');

$t->done;


sub event {
    my ($furniture, $event) = @_;

    return "{\"furniture\":\"$furniture\",\"event\":\"$event\"}";
}


sub list { return "{\"desk\":\"opinion\",\"events\":[$_[0]]}" }


sub body {
    my ($furniture, $event, $desk) = @_;

    return list(event($furniture, $event)) =~ s/opinion/$desk || 'opinion'/er;
}


sub call {
    my ($method, $path, $body, @headers) = @_;

    unshift @headers, 'Host: localhost' unless grep { /^Host:/i } @headers;

    return $t->raw(join("\r\n", "$method $path HTTP/1.1", 'Connection: close',
                        @headers, 'Content-Length: ' . length $body, '',
                        $body));
}


sub post {
    my ($path, $body, @headers) = @_;

    push @headers, $json unless grep { /^Content-Type:/i } @headers;

    return call('POST', $path, $body, @headers);
}


sub chunked {
    my ($path, $body) = @_;

    return $t->raw("POST $path HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
                   . "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                   . join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                                  unpack '(a1000)*', $body) . "0\r\n\r\n");
}


sub told {
    my ($events, $name) = @_;

    my $r = post('/beacon', list($events));

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($r->{status}, 204, $name);
    is($r->{body}, '', '... no more is said');
}


sub results {
    my ($feature, $desk) = @_;

    $desk ||= 'opinion';

    return $t->get("/console/api/desks/$desk/$feature/results");
}


# "box exposure" => n, of what there is.

sub counts {
    my ($feature, $desk) = @_;

    my $r = results($feature || 'read_more', $desk);
    my %count;

    for my $v (@{ JSON::PP::decode_json($r->{body})->{variants} }) {
        my %n = (exposure => $v->{exposures}, click => $v->{clicks},
                 finish => $v->{finishes});

        $count{"$v->{name} $_"} = $n{$_} for grep { $n{$_} } keys %n;
    }

    return \%count;
}


sub sum {
    my ($counts, $event) = @_;

    my $sum = 0;
    $sum += $counts->{$_} for grep { / $event$/ } keys %$counts;

    return $sum;
}


# What the metrics say of beacons, by result.

sub numbers {
    return $t->get('/metrics')->{body}
           =~ /^editorial_beacon\w+\{result="(\w+)"\} (\d+)$/mg;
}


# A bucket of each arm: one that is counted as such.

sub arms {
    my %bucket;

    for (my $n = 0; keys %bucket < 3; $n++) {
        for my $arm (qw(box bold off)) {
            my %old = numbers();

            post('/beacon', body("read_more/$arm", 'click'),
                 "Cookie: editorial_bucket=$n");

            my %new = numbers();
            $bucket{$arm} = $n if $new{counted} > $old{counted};
        }
    }

    return %bucket;
}


sub problem {
    my ($r, $detail) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $problem = eval { JSON::PP::decode_json($r->{body}) } || {};

    is($r->{headers}{'content-type'}, 'application/problem+json',
       '... a problem');
    is($problem->{status}, $r->{status}, '... of its status');
    like($problem->{detail}, $detail, '... that says what');
}
