package Page;

# A newspaper's page, of prose that repeats nowhere:
#
#     my $page = Page::make(100_000);
#
# of about so many bytes, in UTF-8, the same one for the same number: head with
# metadata, styles and scripts, navigation, an opinion piece with a READ MORE
# line, a pull quote that the CMS repeats and the author's biography, then
# cards and the state of the page's scripts.  It is well-formed XML too, so
# that an XML parser can work on it.
#
#     head, navigation     25 %    of a page of 1 MB:   15 %
#     article              45 %                         30 %
#     the rest             30 %                         55 %

use strict;
use warnings;
use utf8;

# What furniture is made of, and what stands right behind the article's text.

use constant {
    READ_MORE => '<p>READ MORE: <a href="/news/2016/3/harbour-count.html">'
                 . 'Who counts the boats?</a></p>',
    QUOTE     => 'Every fare that is saved on the water is paid again on the '
                 . 'road.',
    STORY_END => '</div><footer class="story__end">',
};

my ($bytes, $before, $article, $seed, %said);


sub make {
    ($bytes) = @_;

    ($before, $article) = $bytes > 500_000 ? (0.15, 0.45) : (0.25, 0.70);
    $seed = 20160317;
    %said = ();

    my $page = page();

    utf8::encode($page);

    return $page;
}


# A number below n; the same row of them on every machine.

sub below {
    my ($n) = @_;

    $seed = ($seed * 1103515245 + 12345) & 0x7fffffff;

    return ($seed >> 12) % $n;
}


sub one_of { $_[below(scalar @_)] }


# Bytes as they will be sent.

sub size {
    my $text = shift;

    utf8::encode($text);

    return length $text;
}


sub page {
    my $page = top() . styles();

    $page .= script() while size($page) < 0.8 * $before * $bytes;
    $page .= qq{</head>\n<body class="page page--opinion">\n};
    $page .= navigation($before * $bytes - size($page));
    $page .= story($article * $bytes - size($page));
    $page .= qq{<aside class="rail" aria-label="Elsewhere">\n};

    my $cards = size($page) + ($bytes - size($page)) * 0.45;

    $page .= card() while size($page) < $cards;
    $page .= qq{</aside>\n</main>\n} . footer();
    $page .= state_of_scripts($bytes - size($page));

    return "$page</body>\n</html>\n";
}


# A sentence that no other paragraph has.

sub sentence {
    for (;;) {
        my $sentence = join ' ', one_of(
            'The harbour board', 'Every second tenant', 'The night shift',
            'A retired pilot', 'The county’s auditor', 'Our own survey',
            'The new timetable', 'Hardly any shopkeeper', 'The old tramway',
            'A committee of nine', 'The school at Ellory',
            'Whoever lives upriver', 'The treasurer &amp; her deputy',
            'The third report', 'A ferry half full'), one_of(
            'has paid for', 'talks about', 'cannot afford', 'remembers',
            'was promised', 'turned down', 'counts on', 'never asked for',
            'would rather keep', 'learnt to do without', 'put off',
            'has been measuring'), one_of(
            'the second bridge', 'a warmer waiting room', 'forty new berths',
            'the Sunday service', 'a loan at four per cent',
            'the lights along the quay', '“a bus that comes”',
            'the dredging of the north channel', 'a bell that can be heard',
            'the market’s roof', 'an honest forecast', 'the winter fare'),
            one_of(
            'since the flood', 'for as long as the tide tables go back',
            'without telling the council', 'at a price nobody wrote down',
            'before the first frost', 'in spite of the figures',
            'while the rest of the coast looked on', 'twice in one year',
            'and says so in public', 'as if nothing had happened',
            'though the minutes are silent on it', 'and would do it again');

        next if $said{$sentence}++;

        return "$sentence.";
    }
}


sub words {
    my ($n) = @_;

    return join ' ', (split / /, join ' ', map { sentence() } 1 .. $n / 4)
                     [0 .. $n - 1];
}


sub top {
    my $jsonld = '{"@context":"https://schema.org",'
        . '"@type":"OpinionNewsArticle","headline":"What the night ferry '
        . 'carries","author":{"@type":"Person","name":"Mirela Castagne"},'
        . '"datePublished":"2016-03-17T06:00:00Z","isAccessibleForFree":true,'
        . '"publisher":{"@type":"Organization","name":"The Ellory Courier"}}';

    my $top = <<"END";
<!DOCTYPE html>
<html lang="en" class="no-js">
<head>
<meta charset="utf-8"/>
<title>What the night ferry carries | Opinion | The Ellory Courier</title>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="description" content="A crossing that pays for itself."/>
<meta name="author" content="Mirela Castagne"/>
<meta property="og:type" content="article"/>
<meta property="og:title" content="What the night ferry carries"/>
<meta property="article:section" content="Opinion"/>
<meta property="article:published_time" content="2016-03-17T06:00:00Z"/>
<meta property="article:tag" content="Harbours"/>
<meta property="article:tag" content="Transport"/>
<link rel="canonical" href="https://courier.example/opinion/night-ferry"/>
<link rel="stylesheet" href="/static/site.4f1c9.css"/>
<script type="application/ld+json">$jsonld</script>
END

    for my $size (16, 32, 96, 180, 192, 512) {
        $top .= qq{<link rel="icon" sizes="${size}x$size" type="image/png" }
                . qq{href="/static/icon-$size.png"/>\n};
    }

    return $top;
}


sub styles {
    my $styles = '';

    while (size($styles) < 0.3 * $before * $bytes) {
        my $name = one_of(qw(card rail byline masthead story figure share));

        $styles .= sprintf ".%s__%s{margin:%dpx %dpx;color:#%06x;"
                           . "font:%d 1rem/1.%d Georgia,serif}\n",
                           $name, one_of(qw(title text link image tools)),
                           below(40), below(40), below(1 << 19),
                           400 + 100 * below(5), below(9);
    }

    return "<style>\n$styles</style>\n";
}


sub script {
    my $script = '';

    for my $i (1 .. 12) {
        my $name = one_of(qw(consent metrics player share ads login))
                   . below(1000);

        $script .= "window.$name=function(e,t){var n=e.getAttribute('data-"
                   . "$name');if(n){t.push([n," . below(100_000)
                   . "]);}return n||'" . one_of(qw(off auto lazy)) . "';};\n";
    }

    return "<script>\n$script</script>\n"
           . qq{<script src="/static/chunk-} . below(100_000)
           . qq{.js" async="async"></script>\n};
}


sub navigation {
    my ($size) = @_;

    my $nav = qq{<header class="masthead">\n<a class="masthead__logo" href="/">}
              . qq{<svg viewBox="0 0 120 24" role="img" aria-label="The Ellory }
              . qq{Courier"><path d="M0 0h24v24H0zM30 4c6 0 9 3 9 8s-3 8-9 }
              . qq{8z"/></svg></a>\n<nav aria-label="Sections">\n<ul>\n};

    do {
        $nav .= sprintf qq{<li class="nav__item"><a class="nav__link" }
                        . qq{href="/%s/%s" data-link="nav|%d">%s</a></li>\n},
                        one_of(qw(news opinion sport culture money)),
                        one_of(qw(today week archive people letters)),
                        below(10_000), ucfirst lc one_of(qw(
                        Harbours Letters Weather Markets Theatre Rowing)),
            for 1 .. 4;
    } while (size($nav) < $size);

    return "$nav</ul>\n</nav>\n</header>\n<main id=\"main\">\n";
}


sub story {
    my ($size) = @_;

    my $story = <<'END';
<article class="story" data-id="20160317-night-ferry">
<header class="story__head">
<p class="story__kicker"><a href="/opinion">Opinion</a></p>
<h1>What the night ferry carries</h1>
<p class="story__byline">By <a rel="author" href="/people/castagne">Mirela Castagne</a></p>
</header>
<div class="story__body" itemprop="articleBody">
END

    my @parts = parts($size - size($story) - 900);

    splice @parts, @parts / 4, 0, READ_MORE;
    splice @parts, @parts * 2 / 3, 0, '<p>' . QUOTE . '</p>';

    # its sentence is in the text, before it
    $parts[@parts / 2] = '<p>The harbour has been counting badly for years. '
                         . QUOTE . ' ' . sentence() . '</p>';

    return $story . join("\n", @parts) . "\n" . <<"END_STORY";
<p class="story__about"><em>Mirela Castagne writes about coastal towns and has crossed the Ell by night some two hundred times.</em></p>@{[STORY_END]}
<p>Comments are open until noon.</p>
<ul class="share"><li><a href="/share/mail?u=night-ferry&amp;s=end">Mail</a></li><li><a href="/share/print?u=night-ferry&amp;s=end">Print</a></li></ul>
</footer>
</article>
END_STORY
}


sub parts {
    my ($size) = @_;

    my (@parts, $sum);

    for (my $i = 1; ($sum || 0) < $size; $i++) {
        push @parts, $i % 9 == 0  ? '<h2>' . ucfirst(words(5)) . '</h2>'
                   : $i % 13 == 0 ? figure()
                   : paragraph();

        $sum += size($parts[-1]) + 1;
    }

    return @parts;
}


sub paragraph {
    my @sentences = map { sentence() } 1 .. 5 + below(5);

    for my $sentence (@sentences) {
        my $dice = below(12);

        $sentence =~ s{^(\S+ \S+) (\S+ \S+)}{
            $dice == 0 ? qq{$1 <a href="/news/2016/3/} . below(100_000)
                         . qq{.html" class="story__link">$2</a>}
          : $dice == 1 ? "$1 <em>$2</em>"
          : $dice == 2 ? "$1 <strong>$2</strong>"
          : "$1 $2"}e;
    }

    return '<p>' . join(' ', @sentences) . '</p>';
}


sub figure {
    my $n = below(100_000);
    my $srcset = join ', ', map { "/img/$n/$_.jpg ${_}w" } 320, 640, 960, 1280;

    return qq{<figure class="story__figure"><picture><source type="image/webp"}
           . qq{ srcset="$srcset"/><img src="/img/$n/640.jpg" alt="} . words(8)
           . qq{" width="640" height="427" loading="lazy"/></picture>}
           . '<figcaption>' . words(12) . ' <small>Photo: A. Brandt</small>'
           . '</figcaption></figure>';
}


sub card {
    my $n = below(100_000);

    return <<"END";
<section class="card card--small" data-card="$n">
<a class="card__link" href="/news/2016/3/$n.html"><img class="card__image" src="/img/$n/320.jpg" alt="" width="320" height="180" loading="lazy"/></a>
<h3 class="card__title"><a href="/news/2016/3/$n.html">@{[words(6)]}</a></h3>
<p class="card__text">@{[words(14)]}</p>
<div class="card__tools"><time datetime="2016-03-16">16 March</time> <button type="button" data-save="$n">Save</button></div>
</section>
END
}


sub footer {
    my @links = map { qq{<li><a href="/about/$_">} . ucfirst . '</a></li>' }
                qw(us contact terms privacy cookies advertise jobs help);

    return qq{<footer class="page__foot">\n<ul>\n}
           . join("\n", @links) . "\n</ul>\n"
           . "<p>The Ellory Courier, Quay 4, Ellory</p>\n</footer>\n";
}


# What the page's scripts start from, as JSON in a script.

sub state_of_scripts {
    my ($size) = @_;

    my $state = '<script type="application/json" id="state">{"items":[';

    do {
        my $n = below(100_000);

        $state .= qq[{"id":$n,"url":"/news/2016/3/$n.html","title":"]
                  . words(8) . qq[","image":{"src":"/img/$n/640.jpg",]
                  . qq["w":640,"h":427},"tags":["harbours","transport"],]
                  . qq["paid":false},\n];
    } while (size($state) < $size - 60);

    $state =~ s/,\n\z//;

    return "$state]}</script>\n";
}


1;
