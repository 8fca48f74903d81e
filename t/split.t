#!/usr/bin/perl

# A feature that is tested is split over visitors: who gets what, how he is
# told apart, what caches are told, and how the page is counted.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep time);

my $t = Test::Editorial->new(workers => 2);
my $dir = $t->dir;
my $page = article(n => 40);
my $amp = $page =~ s/<html/<html amp/r;
my $other = '<!DOCTYPE html><title>x</title><p>No article.</p>';
my $long = $page =~ s/<header>/'<p>' . 'before ' x 20_000 . '<header>'/er;
my @headers = ('ETag: "v1"', 'Cache-Control: public, max-age=600',
               'Expires: Thu, 31 Dec 2037 23:55:55 GMT',
               'Surrogate-Control: max-age=600', 'X-Section: news');
my $test = 'editorial_test read_more box=40 bold=40 off=20;
            editorial_test disclaimer standard=1 off=1;';

sub slowly {
    my ($before, $rest, %answer) = @_;

    return { chunks => [ $before, \1, $rest ], headers => [@headers],
             %answer };
}

my ($head, $tail) = $page =~ /^(.*?)(<article>.*)$/s;

$t->origin(
    (map { ($_ => { body => $page, headers => [@headers] }) }
     map { ($_, "/miss$_") }
     '/page', '/plain/page', '/expires/page', '/visitor/page',
     '/consent/page', '/preview/page', '/paused/page'),
    '/other' => { body => $other, headers => [@headers] },
    '/miss/other' => { body => $other, headers => [@headers] },
    '/amp' => { body => $amp, headers => [@headers] },
    '/miss/gzip' => { body => gzip($page),
                      headers => [@headers, 'Content-Encoding: gzip'] },
    '/miss/long' => { body => $long, headers => [@headers] },
    '/miss/gzip/long' => { body => gzip($long),
                           headers => [@headers, 'Content-Encoding: gzip'] },
    '/miss/slow/head' => slowly($head, $tail),
    '/plain/slow/head' => slowly($head, $tail),
    '/miss/slow/article' => slowly("$head<article>", $tail =~ s/^.{9}//r),
    '/miss/slow/other' => slowly('<p>No', ' article'),
    '/miss/slow/long' => slowly('x' x 80_000, $page),
    '/miss/cut' => { chunks => [ $head ], headers => [@headers],
                     length => 100_000 });

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
       . " -keyout $dir/key.pem -out $dir/cert.pem > $dir/openssl.log 2>&1")
    == 0 or die slurp("$dir/openssl.log");

$t->run(<<"END");
editorial_zone pages:8m;
map \$http_x_consent \$consent { default \$http_x_consent; }

server {
    listen %%PORT%%;
    listen %%PORT1%% ssl;

    ssl_certificate $dir/cert.pem;
    ssl_certificate_key $dir/key.pem;

    editorial on;
    editorial_opinion 1;
    editorial_script /f.js;

    editorial_read_more box label=Box;
    editorial_read_more bold label=Bold after=1 every=2 max=9;

    add_header X-Variants \$editorial_variants always;
    add_header X-Bucket \$editorial_bucket always;
    add_header X-Status \$editorial_status always;

    location / {
        editorial_cache on;
        $test

        location /expires/ {
            expires 1h;
            add_header Cache-Control public;
            add_header X-Variants \$editorial_variants always;
            editorial_cache_control origin;
            proxy_pass http://%%ORIGIN%%;
        }

        location /visitor/ {
            editorial_visitor \$http_x_uid;
            proxy_pass http://%%ORIGIN%%;
        }

        location /consent/ {
            editorial_consent \$consent;
            proxy_pass http://%%ORIGIN%%;
        }

        location /preview/ {
            editorial_preview 1;
            proxy_pass http://%%ORIGIN%%;
        }

        proxy_pass http://%%ORIGIN%%;
    }

    location /miss/ {
        $test
        proxy_pass http://%%ORIGIN%%;

        location /miss/expires/ {
            expires 1h;
            add_header Cache-Control public;
            add_header X-Variants \$editorial_variants always;
            proxy_pass http://%%ORIGIN%%;
        }

        location /miss/visitor/ {
            editorial_visitor \$http_x_uid;
            proxy_pass http://%%ORIGIN%%;
        }

        location /miss/consent/ {
            editorial_consent \$consent;
            proxy_pass http://%%ORIGIN%%;
        }

        location /miss/preview/ {
            editorial_preview 1;
            proxy_pass http://%%ORIGIN%%;
        }
    }

    location /plain/ {
        editorial_desk plain;
        proxy_pass http://%%ORIGIN%%;
    }
}
END

my $marker = qr{<span data-editorial-test="(\w+)"></span>};
my $private = 'private, no-cache';
my $cookie = qr/^editorial_bucket=(\d{4});\ Path=\/;\ Max-Age=31536000;
                \ SameSite=Lax;\ HttpOnly$/x;

sub bucket { return sprintf 'Cookie: a=b; editorial_bucket=%04d; c=d', @_ }

sub markers { return join ' ', $_[0]{body} =~ /$marker/g }

sub sent {
    my ($r) = @_;

    my %seen = map { $_ => 1 }
               $r->{body} =~ /data-editorial="(read_more|disclaimer)\/\w+"/g;

    return join ',', sort keys %seen;
}


# who gets what: of the cache and past it, the same

for my $of ('', '/miss') {
    my (%n, %variants);

    $t->get("$of/page") for 1 .. 2;

    for my $i (0 .. 99) {
        my $bucket = $i * 101 % 10_000;
        my $r = $t->get("$of/page", bucket($bucket));
        my ($variant) = $r->{headers}{'x-variants'} =~ /^read_more=(\w+)/;

        $n{$variant}++;
        $variants{$bucket} = $r->{headers}{'x-variants'};

        next if $i % 10;

        is($r->{headers}{'x-bucket'}, sprintf('%04d', $bucket),
           "$of bucket $bucket");
        is($r->{headers}{'set-cookie'}, undef, '... has a cookie already');
        is(markers($r), 'read_more disclaimer', "... $variant: both markers");
        is($r->{headers}{'cache-control'}, $private, '... private');
        is($r->{headers}{$_}, undef, "... no $_")
            for qw(expires surrogate-control);
        is($r->{headers}{'x-section'}, 'news', '... and all others');
        is($t->get("$of/page", bucket($bucket))->{headers}{'x-variants'},
           $r->{headers}{'x-variants'}, '... sticky');
        is($r->{body} =~ m{/f\.js}, 1, '... and the script');

        my ($off) = $r->{headers}{'x-variants'} =~ /disclaimer=(\w+)/;
        is($r->{body} =~ /data-editorial="disclaimer/ ? 'standard' : 'off',
           $off, '... the disclaimer');
        like($r->{body}, qr{data-editorial="read_more/$variant"},
             "... $variant") unless $variant eq 'off';
    }

    ok($n{box} > 25 && $n{box} < 55 && $n{bold} > 25 && $n{bold} < 55
       && $n{off} > 8 && $n{off} < 35,
       "$of shares: box $n{box}, bold $n{bold}, off $n{off}");

    if ($of ne '') {
        is_deeply([ map { $t->get('/page', bucket($_))
                            ->{headers}{'x-variants'} }
                    sort keys %variants ],
                  [ map { $variants{$_} } sort keys %variants ],
                  'the same bucket has the same from the cache');
    }

    # the cookie

    my $r = $t->get("$of/page");
    like($r->{headers}{'set-cookie'}, $cookie, "$of a new visitor");
    my ($said) = $r->{headers}{'set-cookie'} =~ $cookie;
    is($r->{headers}{'x-bucket'}, $said, '... is told his bucket');
    is($t->get("$of/page", bucket($said))->{headers}{'x-variants'},
       $r->{headers}{'x-variants'}, '... and keeps what he has got');
    isnt($r->{headers}{'set-cookie'}, $t->get("$of/page")
         ->{headers}{'set-cookie'}, '... which the next one does not get');

    for my $bad ('12345', '-1', 'x', '10000', '') {
        like($t->get("$of/page", "Cookie: editorial_bucket=$bad")
             ->{headers}{'set-cookie'}, $cookie, "$of a bad cookie: $bad");
    }

    is($t->get("$of/other")->{headers}{'set-cookie'}, undef,
       "$of none without an article");
    isnt($t->get("$of/other")->{headers}{'cache-control'}, $private,
         '... nor private');

    # the log has what was sent

    $r = $t->get("$of/page");
    is($t->last_access->{variants}, $r->{headers}{'x-variants'},
       "$of the log's variants");

    # others' headers

    $r = $t->get("$of/expires/page");
    $r = $t->get("$of/expires/page");
    is($r->{headers}{'cache-control'}, $private,
       "$of against expires and add_header");
    is($r->{headers}{expires}, undef, '... no Expires');
    like($r->{headers}{'set-cookie'}, $cookie, '... the cookie');

    # a visitor by another name

    $r = $t->get("$of/visitor/page", 'X-Uid: 4711');
    is($r->{headers}{'set-cookie'}, undef, "$of editorial_visitor: no cookie");
    is($r->{headers}{'cache-control'}, $private, '... private');
    is(markers($r), 'read_more disclaimer', '... markers');

    my %of = map { $t->get("$of/visitor/page", "X-Uid: $_", bucket(1))
                   ->{headers}{'x-bucket'} => 1 } 1 .. 10;
    cmp_ok(scalar keys %of, '>', 7, '... tells visitors apart');
    is($t->get("$of/visitor/page", 'X-Uid: 7')->{headers}{'x-bucket'},
       $t->get("$of/visitor/page", 'X-Uid: 7')->{headers}{'x-bucket'},
       '... for good');
    is($t->get("$of/visitor/page", bucket(17))->{headers}{'x-bucket'}, '0017',
       '... where it is empty the cookie does');
    like($t->get("$of/visitor/page")->{headers}{'set-cookie'}, $cookie,
         '... or a new one');

    # consent

    for my $no ('', '0') {
        $r = $t->get("$of/consent/page", "X-Consent: $no", bucket(3));
        is($r->{headers}{'x-variants'},
           'read_more=box,pull_quote=quote,disclaimer=standard',
           "$of no consent: the control arm");
        is($r->{headers}{'set-cookie'}, undef, '... no cookie');
        is(markers($r), '', '... no marker');
        is($r->{headers}{'x-bucket'}, undef, '... no bucket');
        is($r->{headers}{'cache-control'}, $private,
           '... and not to be given to others');
    }

    like($t->get("$of/consent/page", 'X-Consent: 1')->{headers}{'set-cookie'},
         $cookie, "$of consent");

    # preview

    $r = $t->get("$of/preview/page?editorial=read_more:bold");
    like($r->{headers}{'x-variants'}, qr/^read_more=bold,.*=standard$/,
         "$of a preview");
    is(markers($r), '', '... no marker');
    is($r->{headers}{'set-cookie'}, undef, '... no cookie');
    is($r->{headers}{'cache-control'}, 'no-store', '... not stored');

    # conditional requests

    my %tag;

    for my $bucket (map { $_ * 7 } 0 .. 30) {
        $r = $t->get("$of/page", bucket($bucket));
        push @{ $tag{ $r->{headers}{etag} } }, $bucket;
    }

    cmp_ok(scalar keys %tag, '==', 6, "$of an ETag for each edition");

    my ($one, $two) = sort keys %tag;

    $r = $t->get("$of/page", bucket($tag{$one}[0]), "If-None-Match: $one");
    is($r->{status}, 304, '... a 304 of the same');
    is($r->{headers}{'cache-control'}, $private, '... private');
    is($t->get("$of/page", bucket($tag{$two}[0]), "If-None-Match: $one")
       ->{status}, 200, '... none of another');
    is($t->get("$of/consent/page", 'X-Consent: 0',
               'If-None-Match: ' . join ', ', keys %tag)->{status}, 200,
       '... nor of one without markers');
}

# nothing of it is stored

is(scalar(grep { !defined } map { $t->get('/page', bucket(1))
                                  ->{headers}{'set-cookie'} } 1 .. 9), 9,
   'no cookie in the stored page');

my $r = $t->head('/page');
like($r->{headers}{'set-cookie'}, $cookie, 'HEAD of a stored page');
is($r->{headers}{'cache-control'}, $private, '... private');

$r = $t->head('/miss/page');
is($r->{headers}{'set-cookie'}, undef, 'HEAD of another: no cookie');
is($r->{headers}{'cache-control'}, $private, '... private');

# over TLS

my $address = '127.0.0.1:' . $t->port(1);
my ($secure) = `printf 'GET /miss/page HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' \\
                | openssl s_client -quiet -connect $address 2>/dev/null`
               =~ /^Set-Cookie: (.*?)\r$/mi;
like($secure // '', qr/^editorial_bucket=\d{4}; Path=\/.*; HttpOnly; Secure$/,
     'a secure cookie over TLS');

# compressed

$r = $t->get('/page', 'Accept-Encoding: gzip', bucket(5));
ok(eventually(sub {
    ($r = $t->get('/page', 'Accept-Encoding: gzip', bucket(5)))
        ->{headers}{'content-encoding'}
}, 3), 'a stored page, compressed');
same(gunzip($r->{body}), $t->get('/page', bucket(5))->{body},
     '... is the same edition');
is($r->{headers}{'cache-control'}, $private, '... private');

# AMP

$t->get('/amp');
$r = $t->get('/amp', bucket(5));
is(markers($r), '', 'AMP: no marker');
unlike($r->{body}, qr{/f\.js}, '... no script');
is($r->{headers}{'cache-control'}, $private, '... private all the same');

# where no test runs

$r = $t->get('/plain/page');
is($r->{headers}{'cache-control'}, 'no-cache', 'no test: no-cache');
is($r->{headers}{'set-cookie'}, undef, '... no cookie');
is(markers($r), '', '... no marker');
is($r->{headers}{'x-bucket'}, undef, '... no bucket');
is($t->get('/plain/page', bucket(9))->{headers}{'x-bucket'}, '0009',
   '... but the one he has');

# the header waits for the article

sub header_after {
    my ($path) = @_;

    my $c = $t->connection;

    Test::Editorial::put($c, "GET $path HTTP/1.1\r\nHost: localhost\r\n"
                             . "Connection: close\r\n\r\n");

    my $began = time;
    my $buf = '';

    sysread $c, $buf, 65536;

    my $took = time - $began;

    1 while sysread $c, $buf, 65536, length $buf;

    my ($r) = Test::Editorial::responses($buf, 'GET');

    return ($took, $r);
}

my $took;

($took, $r) = header_after('/miss/slow/head');
cmp_ok($took, '>', 0.8, 'the header waits for the article');
like($r->{headers}{'set-cookie'}, $cookie, '... which it is');
is(markers($r), 'read_more disclaimer', '... with all of it');

($took, $r) = header_after('/plain/slow/head');
cmp_ok($took, '<', 0.5, '... not where no test runs');

($took, $r) = header_after('/miss/slow/article');
cmp_ok($took, '<', 0.5, '... nor where the article has begun');
like($r->{headers}{'set-cookie'}, $cookie, '... the cookie');

($took, $r) = header_after('/miss/slow/other');
cmp_ok($took, '>', 0.8, '... it waits for the end of a page without one');
is($r->{headers}{'set-cookie'}, undef, '... which sets no cookie');
same($r->{body}, '<p>No article', '... and is whole');

($took, $r) = header_after('/miss/slow/long');
cmp_ok($took, '<', 0.5, '... not longer than 64 KB');
is($r->{headers}{'cache-control'}, $private, '... which count as an article');
is(markers($r), 'read_more disclaimer', '... with all of it');

for my $path ('/miss/gzip', '/miss/long', '/miss/gzip/long') {
    $r = $t->get($path, bucket(5));
    my $plain = $r->{body} =~ s/$marker//gr;

    is(markers($r), 'read_more disclaimer', "$path: markers");
    like($plain, qr{</body></html>\s*\z}, '... to its end');
    is($r->{headers}{'content-encoding'}, undef, '... inflated');
    is($r->{headers}{'cache-control'}, $private, '... private');
    like($plain, qr{^<!DOCTYPE html>\n<html lang="en"><head>},
         '... from its beginning');
    is(length(($plain =~ /^(.*?)<article>/s)[0]),
       length((($path =~ /long/ ? $long : $page) =~ /^(.*?)<article>/s)[0]),
       '... with all that is before the article');
}

$r = $t->get('/miss/cut');
same($r->{body}, $head, 'a page that is cut short while its header waits');

$t->done;
