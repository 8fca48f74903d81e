#!/usr/bin/perl

# The article editor and the work list in a real browser, with nginx and Redis
# behind them: see t/browser/console_article.js.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Test::Relay;

my $browser = "$FindBin::Bin/browser";

for my $package (qw(playwright-core axe-core)) {
    ok(-d "$browser/node_modules/$package",
       "the browser has its $package (npm install)");
}

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(redis => $redis);

my @stories = qw(
    click keyboard links order switch disclaimer drifted twice hostile preview
    away leave empty malformed fetched purged elsewhere shown
);

$t->origin(map { ("/opinion/$_" => { body => story($_) }) } @stories);
$t->origin('/arabic/cafe' => { body => encode('UTF-8', arabic()) });

$t->run(<<'END');
editorial_zone pages:8m;
editorial_redis %%REDIS%% timeout=300ms fail_timeout=1s;

server {
    listen %%PORT%%;
    server_name localhost;

    editorial on;
    editorial_cache on;
    editorial_preview 1;
    editorial_read_more box after=2 every=2;
    editorial_read_more card after=2 every=2;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /opinion/ {
        editorial_desk opinion;
        editorial_opinion 1;
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial off;
        editorial_console user=anna;
    }

    location /other/ {
        editorial off;
        editorial_console user=bert;
    }
}
END

relay('the article editor', 'node', "$browser/console_article.js",
      'http://localhost:' . $t->port, $redis->address, $redis->{pid}, @ARGV);

$t->done;


sub story {
    my ($name) = @_;

    my @says = (
        'The ferry left the quay of NAME at dawn. Nobody waved.',
        'Every fare that is saved on the water is paid again on the road. The '
        . 'city knows it.',
        'A gull followed the boat for a mile. It asked for nothing, and it '
        . 'got that.',
        'The captain poured her tea twice. She had counted forty nights of '
        . 'wind in three winters.',
        'On the islands they keep the old timetable in a drawer. It smells '
        . 'of oranges.',
        'The board will meet again in May. Until then the boats sail as they '
        . 'always have.',
        'There is a bench on the upper deck. It faces backwards.',
        'Who sits there sees where he has been, which is more than the board '
        . 'can say.',
    );

    return page('en', "The story of $name",
                map { s/NAME/$name/r } @says);
}


sub arabic {
    return page('ar', 'مقهى الميناء',
        'غادرت العبّارة الرصيف عند الفجر. لم يلوّح لها أحد.',
        'كل أجرة تُوفَّر على الماء تُدفع ثانية على الطريق. والمدينة تعرف ذلك.',
        'في المقهى اثنا عشر كرسيًّا. جلس عليها أربعة عشر.',
        'قال القبطان إن الريح لا تقرأ الجداول. ضحك الجميع.',
        'سيجتمع المجلس في أيار. وحتى ذلك الحين تبحر القوارب.');
}


sub page {
    my ($lang, $title, @paragraphs) = @_;

    my $dir = $lang eq 'ar' ? 'rtl' : 'ltr';

    return join "\n", '<!DOCTYPE html>', qq{<html lang="$lang" dir="$dir">},
        qq{<head><meta charset="utf-8"><title>$title</title></head>},
        '<body>', '<article>', "<h1>$title</h1>",
        (map { "<p>$_</p>" } @paragraphs), '</article>', '</body></html>', '';
}
