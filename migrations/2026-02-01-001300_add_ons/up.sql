-- An add-on is not part of the plan by itself: it is taken by whoever names it.
ALTER TABLE prices ADD COLUMN add_on boolean NOT NULL DEFAULT false;
