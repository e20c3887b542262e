-- ingest/view_acquisitions: whom each customer is credited to, under the contract's column names, for people and clusters.
-- grain   one customer and partner     reads  acquisition_facts and the dictionaries
-- params  none     nulls  partner_id NULL = organic     money  none; weight in millionths, adding up to 1,000,000 a customer
CREATE OR REPLACE VIEW acquisitions AS
SELECT p.person_id, k.partner_id, a.variant, a."at", a.weight
FROM   acquisition_facts AS a
JOIN   persons AS p ON p.person_key = a.person_key
LEFT   JOIN partner_keys AS k ON k.partner_key = a.partner_key
