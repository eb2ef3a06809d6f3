<?php
function slug_of(string $title, int $longest = 60): string
{
    $plain = iconv('UTF-8', 'ASCII//TRANSLIT', $title);
    $words = preg_split('/[^A-Za-z0-9]+/', strtolower($plain), -1, PREG_SPLIT_NO_EMPTY);
    $slug = '';
    foreach ($words as $word) {
        if (strlen($slug) + strlen($word) + 1 > $longest) {
            break;
        }
        $slug .= ($slug === '' ? '' : '-') . $word;
    }
    return $slug === '' ? 'untitled' : $slug;
}
