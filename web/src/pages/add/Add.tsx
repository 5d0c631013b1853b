import { Button, Stepper } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Page } from '../../app/frame/Page.js';
import { Connect } from './Connect.js';
import { Prepare } from './Prepare.js';

const STEPS = [
  { label: 'Prepare', description: 'in SentinelOne' },
  { label: 'Connect', description: 'console and API token' },
  { label: 'Configure', description: 'map sites to organizations' },
] as const;

export function Add() {
  const [step, setStep] = useState(0);
  return (
    <Page
      title="Add a SentinelOne connection"
      crumbs={[
        { title: 'Source Management', to: '/sources' },
        { title: 'SentinelOne', to: '/sources/sentinelone' },
      ]}
      sentence={
        step === 0
          ? 'Make a role and a service user in SentinelOne first. It takes about four minutes; ticks are kept in this browser.'
          : 'Saving checks the token and its permissions; only what passes is created.'
      }
      actions={
        <>
          <Button
            component="a"
            href="/help/setup-sentinelone"
            target="_blank"
            leftSection={<IconExternalLink size={16} stroke={1.75} aria-hidden />}
          >
            Setup guide
          </Button>
          <Button variant="subtle" color="gray" renderRoot={(props) => <Link to="/sources/sentinelone" {...props} />}>
            Cancel
          </Button>
        </>
      }
    >
      <Stepper active={step} onStepClick={setStep} allowNextStepsSelect={false} size="sm" maw={720}>
        {STEPS.map((each) => (
          <Stepper.Step key={each.label} {...each} />
        ))}
      </Stepper>
      {step === 0 ? <Prepare onDone={() => setStep(1)} /> : <Connect onBack={() => setStep(0)} />}
    </Page>
  );
}
